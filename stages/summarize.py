r"""Summarize dialogues from a text file or standard input.

One turn a line: `민수: 점심 먹자.` or `#Person1#: 점심 먹자.` A line without a speaker goes on
with the turn above it; blank lines mean nothing. A line of hyphens, `---`, ends a dialogue and
begins the next. Names become the tags that the model knows, and names again in the summary.

Prints a line for each summary, or with --json a JSON object on a line: source, dialogue (its
number, from 1), summary, names (of the tags), tokens (read), turns_left_out (did not fit), cut (a
first turn too long to be read whole).
"""

import argparse
import json
import sys
from pathlib import Path

from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import existing
from stages.command.progress import note, say
from stages.dialogue.chat import LONGEST, Tagged, decode_text, dialogue_place, tag_dialogues
from stages.params import load_params
from stages.paths import SUMMARIZER
from stages.submission.postprocess import named_rules


def read_text(source: str) -> str:
    """Read a file, or standard input for `-`; raises `UserError` where it is no text."""
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise UserError(f"{source} cannot be read: {error.strerror}") from None
    return decode_text(content, place=place(source))


def place(source: str) -> str:
    """Return how a message names a source."""
    return "standard input" if source == "-" else source


def mixture(tagged: Tagged) -> str:
    """Return a sentence on lines with names in a dialogue with tags; empty where there are none."""
    if not tagged.unclear:
        return ""
    return (
        f"speakers are tags here, so that lines of {', '.join(tagged.unclear)[:100]} were read as "
        "part of the turn above; write all speakers as tags, or all as names"
    )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.summarize",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", default="-", help="text file, or - for standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    arguments = parser.parse_args()
    existing(SUMMARIZER / "model.safetensors", made_by="dvc repro train")
    params = load_params()
    dialogues = tag_dialogues(read_text(arguments.file), place=place(arguments.file))
    from stages.model.summarizer import SummaryWriter, truncation

    writer = SummaryWriter(
        SUMMARIZER,
        params.generate,
        max_source_tokens=params.tokenize.max_source_tokens,
        rules=named_rules(params.predict.rules, params.data.language),
    )
    for number, tagged in enumerate(dialogues, start=1):
        written = writer.write(tagged)
        for fault in filter(None, (truncation(written), mixture(tagged))):
            note(f"{dialogue_place(place(arguments.file), number)}: {fault}")
        fields = {"source": arguments.file, "dialogue": number} | written._asdict()
        line = json.dumps(fields, ensure_ascii=False)
        say(line if arguments.json else written.summary)


if __name__ == "__main__":
    run(main)
