"""Read the competition's CSV files row by row, and say exactly where one is broken.

Taken as they come: UTF-8 with or without BOM, CRLF or LF, line ends within quoted cells, columns in
any order. Columns that nobody asked for are kept out.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from stages.command.errors import UserError
from stages.dialogue.records import Record

_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or a ZIP file, not CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, not CSV",
    b"\xff\xfe": "UTF-16, not UTF-8",
    b"\xfe\xff": "UTF-16, not UTF-8",
}
_BOM = b"\xef\xbb\xbf"
# Parts of the csv module's messages.
_QUOTING_FAULTS = {
    "field larger": f"a cell has more than {csv.field_size_limit():,} characters, or never ends",
    "end of data": "the file ends within a quoted cell",
    "expected after": "text follows the closing quote of a cell",
    "new-line": "a carriage return alone ends a line",
}
_SEPARATORS = {"\t": "tabs", ";": "semicolons"}


class CsvRow(NamedTuple):
    """A record and where it stands in its file."""

    place: str
    """`data/raw/train.csv, row 3 (line 27)`: the row counts from 1 below the header, and begins
    at that line of the file."""
    record: Record
    bytes_read: int
    """How much of the file is read by now, in bytes, for a progress bar."""


class _Columns(NamedTuple):
    id: int
    dialogue: int
    summaries: list[int]
    topic: int | None


def read_rows(path: Path, *, needs_summary: bool) -> Iterator[CsvRow]:
    """Yield the rows of a CSV file in their order, holding one at a time.

    The columns are `fname`, `dialogue`, `summary` or `summary1`, `summary2`, …, and `topic`, or of
    several topics the first. Cells come as they are, but an empty summary is none. With
    `needs_summary` the file must have a column of them.

    Raises `UserError` with file, row, line and column where the file cannot be understood.
    """
    try:
        with path.open("rb") as file:
            yield from _read_rows(path, file, needs_summary=needs_summary)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


def _read_rows(path: Path, file: BinaryIO, *, needs_summary: bool) -> Iterator[CsvRow]:
    _check_format(path, file)
    parsed = _parse(path, file)
    _, header = next(parsed, ("", None))
    if header is None:
        raise UserError(f"{path} is empty; it needs a header, fname,dialogue,…, and rows below it")
    columns = _find_columns(path, header, needs_summary=needs_summary)
    rows_of_ids: dict[str, int] = {}
    for number, (place, cells) in enumerate(parsed, start=1):
        _check_cells(place, header, cells)
        record = _record(columns, cells)
        if not record.id.strip():
            raise UserError(f"{place}, column fname: the id is empty; give the row one of its own")
        first = rows_of_ids.setdefault(record.id, number)
        if first != number:
            raise UserError(
                f"{place}, column fname: {record.id} is the id of row {first} already; "
                "give one of them another id, or take it out"
            )
        yield CsvRow(place, record, file.tell())
    if not rows_of_ids:
        raise UserError(f"{path} has a header and no row below it; is it the right file?")


def _check_format(path: Path, file: BinaryIO) -> None:
    start = file.read(4)
    for signature, name in _OTHER_FORMATS.items():
        if start.startswith(signature):
            raise UserError(f'{path} is {name}; save it as "CSV UTF-8 (comma delimited)"')
    file.seek(len(_BOM) if start.startswith(_BOM) else 0)


def _parse(path: Path, file: BinaryIO) -> Iterator[tuple[str, list[str]]]:
    """Yield the place and the cells of every row, the header first, empty lines left out."""
    reader = csv.reader((line.decode("utf-8") for line in file), strict=True)
    number = 0
    while True:
        line = reader.line_num + 1
        place = f"{path}, row {number} (line {line})" if number else f"{path}, header (line {line})"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            raise UserError(_describe_encoding(place, reader.line_num + 1, error)) from None
        except csv.Error as error:
            raise UserError(_describe_quoting(place, error)) from None
        if cells:
            yield place, cells
            number += 1


def _describe_encoding(place: str, line: int, error: UnicodeDecodeError) -> str:
    try:
        error.object.decode("cp949")
    except UnicodeDecodeError:
        advice = 'save the file as "CSV UTF-8"'
    else:
        advice = (
            'it reads as CP949, which Excel writes as plain "CSV" in Korean; '
            'save the file as "CSV UTF-8", or run: iconv -f cp949 -t utf-8'
        )
    byte = error.object[error.start]
    return f"{place}: byte 0x{byte:02x} in line {line} is not UTF-8; {advice}"


def _describe_quoting(place: str, error: csv.Error) -> str:
    message = str(error)
    fault = next((fault for part, fault in _QUOTING_FAULTS.items() if part in message), message)
    return f'{place}: {fault}; close every quoted cell, write a " within one as "", and save again'


def _find_columns(path: Path, header: list[str], *, needs_summary: bool) -> _Columns:
    summaries = [name for name in header if name == "summary"] or sorted(
        {name for name in header if re.fullmatch(r"summary[0-9]+", name)},
        key=lambda name: int(name.removeprefix("summary")),
    )
    topics = [name for name in ("topic", "topic1") if name in header][:1]
    missing = [name for name in ("fname", "dialogue") if name not in header]
    if needs_summary and not summaries:
        missing.append("summary")
    if missing:
        raise UserError(_describe_header(path, header, missing))
    for name in ("fname", "dialogue", *summaries, *topics):
        if header.count(name) > 1:
            raise UserError(f"{path}, header: the column {name} comes twice; take one of them out")
    return _Columns(
        id=header.index("fname"),
        dialogue=header.index("dialogue"),
        summaries=[header.index(name) for name in summaries],
        topic=header.index(topics[0]) if topics else None,
    )


def _describe_header(path: Path, header: list[str], missing: list[str]) -> str:
    if len(header) == 1:
        for separator, name in _SEPARATORS.items():
            if separator in header[0]:
                return f"{path} has its columns apart by {name}; save it as CSV, with commas"
    noun = "column" if len(missing) == 1 else "columns"
    found = ", ".join(repr(name[:40]) for name in header[:12])
    return (
        f"{path} lacks the {noun} {', '.join(missing)}; its header has {found}; "
        "rename its columns to fname, dialogue, summary (or summary1, summary2, …) and topic"
    )


def _check_cells(place: str, header: list[str], cells: list[str]) -> None:
    if len(cells) > len(header):
        raise UserError(
            f"{place} has {len(cells)} fields where the header has {len(header)}; "
            "put a cell that holds a comma between quotes"
        )
    if len(cells) < len(header):
        raise UserError(
            f"{place} lacks {len(header) - len(cells)} of the header's {len(header)} fields; "
            "add what is missing, or put a cell that holds a line end between quotes"
        )
    for name, cell in zip(header, cells, strict=True):
        if "\0" in cell:
            raise UserError(
                f"{place}, column {name}: there is a NUL byte; "
                "the file is damaged or not text, so export it again"
            )


def _record(columns: _Columns, cells: list[str]) -> Record:
    summaries = (cells[column] for column in columns.summaries)
    return Record(
        id=cells[columns.id],
        dialogue=cells[columns.dialogue],
        summaries=tuple(summary for summary in summaries if summary.strip()),
        topic="" if columns.topic is None else cells[columns.topic],
    )
