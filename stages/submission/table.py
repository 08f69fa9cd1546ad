"""The cells of a submission, however it is written: CSV, with tabs or semicolons, JSON."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from stages.command.files import LONGEST_CELL
from stages.submission.faults import Fault


def decode_bytes(content: bytes) -> tuple[str, list[Fault]]:
    """Return the text of a file as far as it can be read, and what is wrong with its bytes."""
    if b"\0" in content:
        reason = "there are NUL bytes: UTF-16, an Excel workbook or damaged; save it as CSV UTF-8"
        return "", [Fault("encoding", 0, "", reason)]
    faults = []
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
        faults = [Fault("bom", 0, "", "begins with a byte order mark; save it without BOM")]
    try:
        return content.decode("utf-8"), faults
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{content[error.start]:02x} in line {line} is not UTF-8; save it as UTF-8"
        faults.append(Fault("encoding", 0, "", reason))
    try:
        return content.decode("cp949"), faults
    except UnicodeDecodeError:
        return content.decode("utf-8", errors="replace"), faults


def submission_rows(text: str, faults: list[Fault]) -> Iterator[list[str]]:
    """Yield the rows, the header first; what is wrong with them goes to `faults`."""
    if text.lstrip()[:1] in {"{", "["}:
        faults.append(Fault("header", 0, "", "is JSON where CSV was expected"))
        return _json_rows(text, faults)
    separator = _separator(text)
    if separator != ",":
        name = "tabs" if separator == "\t" else "semicolons"
        reason = f"the columns are apart by {name} where commas were expected"
        faults.append(Fault("header", 0, "", reason))
    return _parse(text, separator, faults)


def _json_rows(text: str, faults: list[Fault]) -> Iterator[list[str]]:
    """Yield the rows of JSON, its names first; what is no object goes to `faults`."""
    objects: list[dict[str, Any]] = []
    lines = [text] if text.lstrip().startswith("[") else text.splitlines()
    for number, line in enumerate(filter(str.strip, lines), start=1):
        try:
            found = json.loads(line)
        except ValueError as error:
            faults.append(Fault("ragged", number, "", f"no JSON: {error}"))
            continue
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, dict):
                objects.append(one)
            else:
                faults.append(Fault("ragged", number, "", "no object, but a value"))
    names = list(dict.fromkeys(name for one in objects for name in one))
    yield names
    for one in objects:
        values = (one.get(name) for name in names)
        yield ["" if value is None else str(value) for value in values]


def _separator(text: str) -> str:
    """Return what parts the columns of the first line: a comma, or where it has none a tab."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return next((mark for mark in (",", "\t", ";") if mark in first), ",")


def _parse(text: str, separator: str, faults: list[Fault]) -> Iterator[list[str]]:
    """Yield the rows that are not empty lines; a fault of the quoting goes to `faults`."""
    csv.field_size_limit(LONGEST_CELL)
    strict = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    row = -1
    try:
        for cells in strict:
            row += bool(cells)
    except csv.Error as error:
        fault = str(error).replace("field larger", "a cell is longer")
        reason = f'{fault}; close every quoted cell, and write a " within one as ""'
        faults.append(Fault("quoting", row + 1, "", reason))
    lenient = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from (cells for cells in lenient if cells)
    except csv.Error:
        return  # a cell beyond the csv module's limit, which the strict reader has met as well
