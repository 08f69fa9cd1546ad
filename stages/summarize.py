r"""Summarize dialogues from a text file or standard input.

One turn a line: `민수: 점심 먹자.` or `#Person1#: 점심 먹자.` A line without a speaker goes on
with the turn above it; blank lines mean nothing. A line of hyphens, `---`, ends a dialogue and
begins the next. Chats as KakaoTalk, LINE, WhatsApp, Slack, Discord, Zoom and Clova Note export them
and subtitles are read as they are (docs/chats.md). Names become the tags that the model knows, and
names again in the summary.

Prints a line for each summary, or with --json a JSON object on a line: source, dialogue (its
number, from 1), summary, names (of the tags), tokens (read), turns_left_out (did not fit), cut (a
first turn too long to be read whole). With --csv it prints a data set: fname, dialogue, summary,
topic, where speakers are tags in both texts.

    python -m stages.summarize KakaoTalk_점심모임.txt
    python -m stages.summarize KakaoTalk_점심모임.txt --csv > 점심모임.csv
"""

import csv
import json
import sys
from pathlib import Path

from stages.chats.encoding import LONGEST, check_size, decode_text
from stages.chats.messages import Chat, told
from stages.chats.reader import dialogue_place, read_chats, tag_chat
from stages.chats.rows import COLUMNS, row_name
from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.progress import note, say
from stages.dialogue.names import Tagged, crowd, spoken
from stages.model.weights import existing_model
from stages.params import load_params
from stages.paths import SUMMARIZER
from stages.submission.postprocess import named_rules


def read_source(source: str) -> list[Chat]:
    """Read a file, or standard input for `-`; raises `UserError` where it has no dialogue."""
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise UserError(f"{source} cannot be read: {error.strerror}") from None
    text, encoding = decode_text(check_size(content, place=place(source)), place=place(source))
    if encoding:
        note(encoding)
    return read_chats(text, place=place(source))


def place(source: str) -> str:
    """Return how a message names a source."""
    return "standard input" if source == "-" else source


def notes_on(chat: Chat, tagged: Tagged) -> list[str]:
    """Return what is to be known of how a chat was read."""
    without = told(chat.left_out)
    return [
        *([f"read as {chat.kind}; {without}"] if without else []),
        *filter(None, (crowd(len(spoken(tagged.dialogue))), mixture(tagged))),
    ]


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
    parser = command_parser("summarize", __doc__)
    parser.add_argument("file", nargs="?", default="-", help="text file, or - for standard input")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a line")
    form.add_argument("--csv", action="store_true", help="a data set: fname,dialogue,summary,topic")
    arguments = parser.parse_args()
    existing_model(SUMMARIZER)
    params = load_params()
    chats = read_source(arguments.file)
    from stages.model.summarizer import SummaryWriter, truncation

    writer = SummaryWriter(
        SUMMARIZER,
        params.generate,
        max_source_tokens=params.tokenize.max_source_tokens,
        rules=named_rules(params.predict.rules, params.data.language),
    )
    rows = csv.writer(sys.stdout, lineterminator="\n")
    if arguments.csv:
        rows.writerow(COLUMNS)
    for number, chat in enumerate(chats, start=1):
        tagged = tag_chat(chat)
        written = writer.write(tagged._replace(names={}) if arguments.csv else tagged)
        for fault in filter(None, (truncation(written), *notes_on(chat, tagged))):
            note(f"{dialogue_place(place(arguments.file), number)}: {fault}")
        if arguments.csv:
            name = row_name(Path(arguments.file), str(number))
            rows.writerow([name, tagged.dialogue, written.summary, ""])
        elif arguments.json:
            fields = {"source": arguments.file, "dialogue": number} | written._asdict()
            say(json.dumps(fields, ensure_ascii=False))
        else:
            say(written.summary)


if __name__ == "__main__":
    run(main)
