"""What every reader yields: a header, and rows of cells by their names there."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Cells(NamedTuple):
    """A row as it stands in its file."""

    place: str
    """`data/raw/train.csv, row 3 (line 27)`: as a message names it."""
    values: Mapping[str, Any]
    """What stands in each column: text, and in JSON, Parquet and workbooks numbers and lists."""
    done: int
    """How much of the file is read by now, in bytes, for a progress bar."""


class SourceTable(NamedTuple):
    """A file of rows."""

    header: list[str]
    """The names of its columns; in JSON and Parquet `body.summary` for one within another."""
    rows: Iterator[Cells]


def flatten_row(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a row whose columns within columns have names of their own.

    >>> flatten_row({"id": 1, "body": {"summary": "가"}})
    {'id': 1, 'body.summary': '가'}
    """
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= flatten_row(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
