"""Read JSON: an object a line, or a list of objects, alone or under `data`, or pandas' columns."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from stages.command.errors import UserError
from stages.command.faults import Faults
from stages.corpus.content import check_content
from stages.corpus.csv_reader import describe_encoding
from stages.corpus.tables import Cells, SourceTable, flatten_row

_LISTS = ("data", "rows", "items", "records", "examples", "document", "documents")
"""The names under which a file has its list of rows."""
_PEEK = 1000
"""Rows whose names make the header, for a name may be missing where there is no value."""


def json_table(path: Path, file: BinaryIO, faults: Faults) -> SourceTable:
    """Return the names and the rows of a JSON file; lines of objects are read one at a time.

    Raises `UserError` where it is no JSON; a line that is none is a fault, and left out.
    """
    check_content(path, file, "json")
    start = file.tell()
    rows = _lines(path, file, faults) if _has_lines(file) else None
    file.seek(start)
    if rows is None:
        rows = _whole(path, file.read(), faults)
    first = list(islice(rows, _PEEK))
    header = list(dict.fromkeys(name for row in first for name in row.values))
    if not header and not faults.count:
        raise UserError(f"{path} is empty; it needs a list of objects, or an object a line")
    return SourceTable(header, chain(first, rows))


def _has_lines(file: BinaryIO) -> bool:
    """Tell whether each line is a row: the first is an object, and not the only line."""
    filled = (line for line in file if line.strip())
    first, second = next(filled, b""), next(filled, b"")
    try:
        return isinstance(json.loads(first), dict) and bool(second)
    except ValueError:
        return first.lstrip().startswith(b"{") and second.lstrip().startswith(b"{")


def _lines(path: Path, file: BinaryIO, faults: Faults) -> Iterator[Cells]:
    row = 0
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        row += 1
        place = f"{path}, row {row} (line {number})"
        try:
            value = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise UserError(describe_encoding(place, number, error)) from None
        except json.JSONDecodeError as error:
            faults.add(f"{place}: no JSON at column {error.colno} ({error.msg}); mend the line")
            continue
        yield from _objects([(place, value)], file.tell(), faults)


def _whole(path: Path, content: bytes, faults: Faults) -> Iterator[Cells]:
    try:
        value = json.loads(content.decode("utf-8")) if content.strip() else []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(describe_encoding(str(path), line, error)) from None
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}, line {error.lineno}: no JSON at column {error.colno} ({error.msg}); "
            "mend it, or get the file anew"
        ) from None
    places = ((f"{path}, row {n}", row) for n, row in enumerate(_rows_of(value), start=1))
    return _objects(places, len(content), faults)


def _rows_of(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return [value]
    for name in _LISTS:
        if isinstance(value.get(name), list):
            found: list[Any] = value[name]
            return found
    columns = list(value.values())
    if columns and all(isinstance(c, dict) and c.keys() == columns[0].keys() for c in columns):
        # DataFrame.to_json: {"fname": {"0": "train_0", …}, …}
        return [{name: value[name][at] for name in value} for at in columns[0]]
    if columns and all(isinstance(c, list) and len(c) == len(columns[0]) for c in columns):
        return [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
    return [value]


def _objects(rows: Iterable[tuple[str, Any]], done: int, faults: Faults) -> Iterator[Cells]:
    for place, value in rows:
        if isinstance(value, dict):
            yield Cells(place, flatten_row(value), done)
        else:
            faults.add(f"{place}: there is a {type(value).__name__} where an object was expected")
