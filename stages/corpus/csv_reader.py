"""Read CSV and TSV files row by row, and say exactly where one is broken.

Taken as they come: UTF-8 with or without BOM, CRLF, LF or CR, line ends within quoted cells, a
first line `sep=;`, rows without a filled cell.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from stages.command.errors import UserError
from stages.command.faults import Faults
from stages.command.files import LONGEST_CELL
from stages.corpus.content import check_content
from stages.corpus.tables import Cells, SourceTable

_CHUNK = 1 << 16
# Parts of the csv module's messages.
_QUOTING_FAULTS = {
    "field larger": f"a cell has more than {LONGEST_CELL:,} characters, or never ends",
    "end of data": "the file ends within a quoted cell",
    "expected after": "text follows the closing quote of a cell",
    "new-line": "a carriage return alone ends a line",
}
_SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars"}
_SEP_LINE = re.compile(rb'"?sep=(.)"?,*\r?\n?', re.IGNORECASE)


def csv_table(path: Path, file: BinaryIO, faults: Faults) -> SourceTable:
    """Return the header and the rows of a CSV file, or of a .tsv file, holding one at a time.

    A row that has not the header's number of fields is a fault, and left out. Raises `UserError`
    with file, row and line where the file cannot be understood from there on.
    """
    check_content(path, file, "csv")
    start = file.tell()
    beginning = file.read(_CHUNK)
    file.seek(start)
    only_returns = b"\r" in beginning and b"\n" not in beginning
    lines = _return_lines(file) if only_returns else file
    beginning = beginning.replace(b"\r", b"\n") if only_returns else beginning
    above, separator = 0, ","
    if path.suffix.lower() == ".tsv" and b"\t" in beginning.partition(b"\n")[0]:
        separator = "\t"
    # Excel's way to say what parts the columns; no other program takes the line for a header.
    if sep := _SEP_LINE.match(beginning):
        separator, above = sep[1].decode("ascii", errors="replace"), 1
        next(iter(lines))
    parsed = _parse(path, lines, separator, above)
    _, cells = next(parsed, ("", None))
    if cells is None:
        raise UserError(f"{path} is empty; it needs a header, fname,dialogue,…, and rows below it")
    header = [name.strip() for name in cells]
    _check_separator(path, header)
    return SourceTable(header, _rows(parsed, header, file, faults))


def _rows(
    parsed: Iterator[tuple[str, list[str]]], header: list[str], file: BinaryIO, faults: Faults
) -> Iterator[Cells]:
    for place, cells in parsed:
        if fault := _shape_fault(header, cells):
            faults.add(f"{place} {fault}")
        else:
            yield Cells(place, dict(zip(header, cells, strict=True)), file.tell())


def _return_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file of old Macs, whose lines end with a carriage return alone."""
    rest = b""
    while chunk := file.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\r")
        yield from (line + b"\r" for line in whole)
    yield rest


def _parse(
    path: Path, lines: Iterator[bytes] | BinaryIO, separator: str, above: int
) -> Iterator[tuple[str, list[str]]]:
    """Yield the place and the cells of every row, the header first, empty rows left out."""
    csv.field_size_limit(LONGEST_CELL)
    decoded = (line.decode("utf-8") for line in lines)
    reader = csv.reader(decoded, delimiter=separator, strict=True)
    number = 0
    while True:
        line = reader.line_num + 1 + above
        place = f"{path}, row {number} (line {line})" if number else f"{path}, header (line {line})"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            at = reader.line_num + 1 + above
            raise UserError(describe_encoding(place, at, error)) from None
        except csv.Error as error:
            raise UserError(_describe_quoting(place, error)) from None
        if any(map(str.strip, cells)):
            yield place, cells
            number += 1


def describe_encoding(place: str, line: int, error: UnicodeDecodeError) -> str:
    """Say which byte is not UTF-8, and how the file becomes it."""
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


def _check_separator(path: Path, header: list[str]) -> None:
    if len(header) == 1:
        for separator, name in _SEPARATORS.items():
            if separator in header[0]:
                advice = ", or name it .tsv" if separator == "\t" else ""
                raise UserError(
                    f"{path} has its columns apart by {name}; save it as CSV, with commas{advice}"
                )


def _shape_fault(header: list[str], cells: list[str]) -> str:
    if len(cells) > len(header):
        return (
            f"has {len(cells)} fields where the header has {len(header)}; "
            "put a cell that holds a comma between quotes"
        )
    if len(cells) < len(header):
        return (
            f"lacks {len(header) - len(cells)} of the header's {len(header)} fields; "
            "add what is missing, or put a cell that holds a line end between quotes"
        )
    if [cell.strip() for cell in cells] == header:
        return "is the header once more; take the line out"
    return ""
