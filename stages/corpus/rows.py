"""Every row of a file → a record, with the same demands whatever the format.

An id of its own, a dialogue, text in every cell; what is no summary is none. All that is wrong is
gathered, and a row with a fault is left out.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

from stages.command.errors import UserError
from stages.command.faults import Faults
from stages.corpus.columns import FoundColumns, Layout, find_columns
from stages.corpus.csv_reader import csv_table
from stages.corpus.json_reader import json_table
from stages.corpus.names import tag_labels, tag_list
from stages.corpus.parquet_reader import parquet_table
from stages.corpus.tables import SourceTable
from stages.corpus.values import CellError, Turns, dialogue_of, text_of, texts_of
from stages.corpus.xlsx_reader import xlsx_table
from stages.dialogue.placeholders import is_no_summary
from stages.dialogue.records import Record
from stages.dialogue.repair.ledger import NO_SUMMARY
from stages.dialogue.repair.rules import IN_REFERENCE, Step

_Value = TypeVar("_Value", str, list[str], str | Turns)


class Row(NamedTuple):
    """A record and where it stands in its file."""

    place: str
    """`data/raw/train.csv, row 3 (line 27)`: the row counts from 1 below the header, and begins
    at that line of the file."""
    record: Record
    names: dict[str, str]
    """The names behind the tags, where speakers were names."""
    steps: list[Step]
    """What of that is for the ledger."""
    done: int
    """How much of the file is read by now, in bytes, for a progress bar."""


def read_rows(path: Path, layout: Layout, faults: Faults, *, needs_summary: bool) -> Iterator[Row]:
    """Yield the rows of a file in their order, holding few at a time.

    Cells come as they are, but what is no summary is none. With `needs_summary` the file must have
    a column of them. Whatever is wrong goes to `faults`, with file, row and column.
    """
    numbers: dict[str, int] = {}
    number, before = 0, faults.count
    try:
        with path.open("rb") as file:
            table = _open_table(path, file, faults)
            columns = find_columns(path, table.header, layout.names, needs_summary=needs_summary)
            for number, cells in enumerate(table.rows, start=1):
                try:
                    row = _row(cells.place, cells.values, columns, layout)
                except CellError as fault:
                    faults.add(f"{cells.place}, {fault}")
                    continue
                first = numbers.setdefault(row.record.id, number)
                if first == number:
                    yield row._replace(done=cells.done)
                else:
                    faults.add(
                        f"{cells.place}, column {columns.id}: {row.record.id} is the id of row "
                        f"{first} already; give one of them another id, or take it out"
                    )
        if not number and faults.count == before:
            faults.add(f"{path} has a header and no row below it; is it the right file?")
    except UserError as error:
        faults.add(str(error))
    except OSError as error:
        faults.add(f"{path} cannot be read: {error.strerror}")


def _open_table(path: Path, file: BinaryIO, faults: Faults) -> SourceTable:
    match path.suffix.lower():
        case ".json" | ".jsonl":
            return json_table(path, file, faults)
        case ".parquet":
            return parquet_table(path, file)
        case ".xlsx":
            return xlsx_table(path, file, faults)
        case _:
            return csv_table(path, file, faults)


def _row(place: str, values: Mapping[str, Any], columns: FoundColumns, layout: Layout) -> Row:
    identifier = _read(values, columns.id, text_of)
    if not identifier.strip():
        raise CellError(f"column {columns.id}: the id is empty; give the row one of its own")
    topic = _read(values, columns.topic, text_of) if columns.topic else ""
    given = _read(values, columns.dialogue, dialogue_of)
    every = [text for name in columns.summaries for text in _read(values, name, texts_of)]
    summaries = tuple(text for text in every if not is_no_summary(text))
    steps = [
        Step(f"{IN_REFERENCE}{NO_SUMMARY}", text, "")
        for text in every
        if summaries and text.strip() and is_no_summary(text)
    ]
    if isinstance(given, list):
        tagged = tag_list(given, summaries)
    elif layout.named_speakers:
        tagged = tag_labels(given, summaries)
    else:
        return Row(place, Record(identifier, given, summaries, topic), {}, steps, 0)
    record = Record(identifier, tagged.dialogue, tagged.summaries, topic)
    return Row(place, record, tagged.names, steps + tagged.steps, 0)


def _read(values: Mapping[str, Any], column: str, convert: Callable[[Any], _Value]) -> _Value:
    try:
        value = convert(values.get(column))
        "".join(_texts(value)).encode()
    except UnicodeEncodeError:
        raise CellError(f"column {column}: there is half a character; write it whole") from None
    except CellError as fault:
        raise CellError(f"column {column}: {fault}") from None
    if any("\0" in text for text in _texts(value)):
        raise CellError(
            f"column {column}: there is a NUL byte; the file is damaged or not text, so export it "
            "again"
        )
    return value


def _texts(value: str | list[str] | Turns) -> Iterator[str]:
    for one in [value] if isinstance(value, str) else value:
        yield from [one] if isinstance(one, str) else one
