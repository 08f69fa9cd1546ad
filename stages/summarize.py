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
import re
import sys
from pathlib import Path
from typing import NamedTuple

from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import existing
from stages.command.progress import say
from stages.params import Params, load_params
from stages.text.names import FORM, Tagged, name_speakers, tag_speakers

SUMMARIZER = Path("models/summarizer")

LONGEST = 1_000_000
"""Bytes of input that are read; a dialogue of the competition has at most 2,650 characters."""

_BETWEEN_DIALOGUES = re.compile(r"^[^\S\n]*-{3,}[^\S\n]*$", re.MULTILINE)


def read_text(source: str) -> str:
    """Read a file, or standard input for `-`; raises `UserError` where it is no text."""
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise UserError(f"{source} cannot be read: {error.strerror}") from None
    if len(content) > LONGEST:
        fault = f"has more than {LONGEST:,} bytes; give fewer dialogues at a time"
        raise UserError(f"{place(source)} {fault}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = f"is not UTF-8 text (byte {error.start + 1}); {FORM}"
        raise UserError(f"{place(source)} {fault}") from None
    if "\0" in text:
        raise UserError(f"{place(source)} has NUL bytes, so it is no text; {FORM}")
    return text


def place(source: str, number: int = 0) -> str:
    """Return how a message names a source, and one of its dialogues, counted from 1."""
    named = "standard input" if source == "-" else source
    return f"{named}, dialogue {number}" if number else named


def split_dialogues(text: str) -> list[str]:
    r"""Cut a text at its lines of hyphens; an empty piece is no dialogue.

    >>> split_dialogues("민수: 네.\n---\n지영: 네.\n---\n")
    ['민수: 네.', '지영: 네.']
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pieces = (piece.strip() for piece in _BETWEEN_DIALOGUES.split(text))
    return [piece for piece in pieces if piece]


class Summary(NamedTuple):
    """What a model wrote, and how much of the dialogue it read."""

    summary: str
    names: dict[str, str]
    tokens: int
    turns_left_out: int
    cut: bool
    """True where even the first turn was too long and lost its end."""


class SummaryWriter:
    """The model in models/summarizer, read once for any number of dialogues."""

    def __init__(self, params: Params) -> None:
        """Read it; this takes seconds."""
        from stages.model.engine import read_summarizer
        from stages.model.tokenizer import read_tokenizer

        self.params = params
        self.tokenizer = read_tokenizer(SUMMARIZER)
        self.summarizer = read_summarizer(SUMMARIZER, params.generate.engine)

    def write(self, tagged: Tagged) -> Summary:
        """Return the summary of one dialogue."""
        from stages.model.summaries import write_summaries
        from stages.model.tokenizer import encode

        longest = self.params.tokenize.max_source_tokens
        [encoded] = encode(self.tokenizer, [tagged.dialogue], max_tokens=longest)
        [summary] = write_summaries(
            self.summarizer,
            self.tokenizer,
            [encoded.ids],
            self.params.generate,
            rules=self.params.predict.rules,
        )
        named = name_speakers(summary, tagged.names)
        return Summary(named, tagged.names, len(encoded.ids), encoded.turns_left_out, encoded.cut)


def tag_dialogues(text: str, *, source: str) -> list[Tagged]:
    """Return the dialogues of a text with their speakers tagged; all of them, or `UserError`."""
    dialogues = split_dialogues(text)
    if not dialogues:
        raise UserError(f"{place(source)} has no dialogue; {FORM}")
    tagged = []
    for number, dialogue in enumerate(dialogues, start=1):
        try:
            tagged.append(tag_speakers(dialogue))
        except UserError as error:
            where = place(source, number if len(dialogues) > 1 else 0)
            raise UserError(f"{where}: {error}") from None
    return tagged


def truncation(written: Summary) -> str:
    """Return a sentence on what the model did not read; empty where it read everything."""
    if not written.cut and not written.turns_left_out:
        return ""
    end = "the end of the first turn and " if written.cut else ""
    return (
        f"the model reads {written.tokens} tokens (tokenize.max_source_tokens): {end}"
        f"the last {written.turns_left_out} turns were left out"
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
    dialogues = tag_dialogues(read_text(arguments.file), source=arguments.file)
    writer = SummaryWriter(params)
    for number, tagged in enumerate(dialogues, start=1):
        written = writer.write(tagged)
        if note := truncation(written):
            print(f"note: {place(arguments.file, number)}: {note}", file=sys.stderr)
        fields = {"source": arguments.file, "dialogue": number} | written._asdict()
        line = json.dumps(fields, ensure_ascii=False)
        say(line if arguments.json else written.summary)


if __name__ == "__main__":
    run(main)
