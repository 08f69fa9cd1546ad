r"""Chats as people have them → a data set to label, or to summarize in bulk.

Reads files, and all in folders, that KakaoTalk, LINE, WhatsApp, Slack, Discord, Zoom, Clova Note
and others export, subtitles, and lines such as `민수: 점심 먹자.` (docs/chats.md). Writes test.csv:
fname, dialogue, summary and topic, of which the last two are empty, a row for each day of a chat,
or with --gap for each stretch without so long a silence. names.json has the names behind the tags
of each row. Either all files become rows, or nothing is written.

    python -m stages.convert KakaoTalk_점심모임.txt --out data/raw
    python -m stages.convert 내보낸_대화/ 회의.vtt --out data/raw --gap 60

With train.csv and dev.csv beside it, `dvc repro predict` summarizes every row. To train on it, fill
in the column summary and call it train.csv.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from stages.chats.encoding import decode_text
from stages.chats.messages import Chat, told
from stages.chats.reader import read_chats
from stages.chats.rows import COLUMNS, ChatRow, rows_of
from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.faults import Faults
from stages.command.files import whole_file, write_csv, write_json
from stages.command.progress import note, progress_bar, say
from stages.dialogue.names import crowd, spoken

SUFFIXES = frozenset({".txt", ".csv", ".json", ".vtt", ".srt", ".sbv", ".md", ".log"})
SLACKS_OWN = frozenset(
    {"users", "channels", "groups", "dms", "mpims", "integration_logs", "canvases"}
)
"""Lists beside the channels in Slack's export."""


class Source(NamedTuple):
    """A file that was read."""

    path: Path
    chats: list[Chat]
    encoding: str
    """A sentence, empty where it is UTF-8."""


def find_files(sources: Iterable[Path]) -> tuple[list[Path], int]:
    """Return the files named, and those in folders named; and how many there cannot be chats."""
    files: dict[Path, None] = {}
    others = 0
    for source in sources:
        inside = sorted(path for path in source.rglob("*") if path.is_file())
        shown = [path for path in inside if not any(part.startswith(".") for part in path.parts)]
        fit = [
            one for one in shown if one.suffix.lower() in SUFFIXES and one.stem not in SLACKS_OWN
        ]
        others += len(inside) - len(fit)
        if source.is_dir() and not fit:
            raise UserError(
                f"{source} has no file that may be a chat ({', '.join(sorted(SUFFIXES))})"
            )
        files |= dict.fromkeys(fit if source.is_dir() else [source])
    return list(files), others


def read_chat_file(path: Path) -> Source:
    """Read a file; raises `UserError` where it is no chat."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    text, encoding = decode_text(content, place=str(path))
    return Source(path, read_chats(text, place=str(path)), encoding)


def read_sources(paths: Sequence[Path]) -> list[Source]:
    """Read all files, or raise `UserError` that tells of all that cannot be read."""
    sources, faults = list[Source](), Faults()
    with progress_bar() as progress:
        task = progress.add_task("convert", total=len(paths), note="")
        for path in paths:
            progress.advance(task)
            try:
                sources.append(read_chat_file(path))
            except UserError as error:
                faults.add(str(error))
    faults.check("what is to be converted")
    return sources


def with_own_names(rows: Iterable[ChatRow]) -> list[ChatRow]:
    """Return the rows with a number behind a name that an earlier row has."""
    seen = Counter[str]()
    unique = []
    for row in rows:
        name = row.name
        while seen[name]:
            seen[row.name] += 1
            name = f"{row.name}_{seen[row.name]}"
        seen[name] += 1
        unique.append(row._replace(name=name))
    return unique


def targets(folder: Path, *, overwrite: bool) -> tuple[Path, Path]:
    """Return the files to write; raises `UserError` where they are there and are to stay."""
    table, names = folder / "test.csv", folder / "names.json"
    there = [str(path) for path in (table, names) if path.exists()]
    if there and not overwrite:
        raise UserError(
            f"{' and '.join(there)}: there already; name another folder with --out, or replace "
            "with --overwrite"
        )
    return table, names


def write_rows(rows: Sequence[ChatRow], table: Path, names: Path) -> None:
    """Write the rows and their names, both or none."""
    with whole_file(names) as names_draft, whole_file(table) as table_draft:
        cells = ([row.name, row.tagged.dialogue, "", ""] for row in rows)
        write_csv(table_draft, COLUMNS, cells)
        write_json(names_draft, {row.name: row.tagged.names for row in rows})


def main() -> None:
    """Run the command."""
    parser = command_parser("convert", __doc__)
    parser.add_argument("file", nargs="+", type=Path, help="a chat, or a folder of them")
    parser.add_argument("--out", required=True, type=Path, help="folder for test.csv, names.json")
    parser.add_argument("--gap", type=minutes, help="minutes of silence that end a dialogue")
    parser.add_argument("--overwrite", action="store_true", help="replace test.csv and names.json")
    arguments = parser.parse_args()
    table, names = targets(arguments.out, overwrite=arguments.overwrite)
    paths, others = find_files(arguments.file)
    sources = read_sources(paths)
    rows = with_own_names(
        row for source in sources for row in rows_of(source.chats, source.path, gap=arguments.gap)
    )
    write_rows(rows, table, names)
    for sentence in notes_on(sources, rows, others):
        note(sentence)
    say(f"{table}: {counted(sources, rows)}")


def minutes(written: str) -> int:
    """Return the minutes of --gap."""
    if not written.isascii() or not written.isdigit() or not 0 < int(written) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{written!r} is no number of minutes, such as 60")
    return int(written)


def notes_on(sources: Sequence[Source], rows: Sequence[ChatRow], others: int) -> list[str]:
    """Return what is to be known of how the files were read."""
    crowds = [size for row in rows if crowd(size := len(spoken(row.tagged.dialogue)))]
    kinds = Counter(chat.kind for source in sources for chat in source.chats)
    return [
        *filter(None, (source.encoding for source in sources)),
        "read as " + ", ".join(f"{kind} ({count:,})" for kind, count in kinds.most_common()),
        *([f"{others:,} other files of the folders were left out"] if others else []),
        *([f"{len(crowds):,} rows have up to {crowd(max(crowds))}"] if crowds else []),
    ]


def counted(sources: Sequence[Source], rows: Sequence[ChatRow]) -> str:
    """Say how much there is of everything."""
    chats = [chat for source in sources for chat in source.chats]
    times = ((i, one.when) for i, chat in enumerate(chats) for one in chat.messages if one.when)
    days = len({(i, when.date()) for i, when in times})
    turns = sum(row.turns for row in rows)
    left_out = sum((chat.left_out for chat in chats), Counter[str]())
    said = [
        f"{len(rows):,} rows of {len(chats):,} chats in {len(sources):,} files",
        f"{days:,} days" if days else "",
        f"{turns:,} turns",
    ]
    return "; ".join(filter(None, (", ".join(filter(None, said)), told(left_out))))


if __name__ == "__main__":
    run(main)
