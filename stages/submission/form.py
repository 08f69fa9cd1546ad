"""A submission: `,fname,summary` and a row for each dialogue of test. What is wrong with its form.

Everything is looked at: a fault never hides the next one. What the summaries say is the business of
`scoring/summary_faults.py`.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from stages.submission.faults import Fault

HEADERS = (["", "fname", "summary"], ["fname", "summary"])
"""The sample file's, and the one without an index that the leaderboard has taken as well."""


MISSING = {"", "nan", "none", "null", "n/a", "na"}
"""What a table of numbers writes where a summary is missing, and reads as missing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be read."""

    row: int
    index: str | None
    id: str
    summary: str

    @property
    def is_missing(self) -> bool:
        """Tell whether the summary is empty or what pandas makes of an empty one."""
        return self.summary.strip().lower() in MISSING


class Submission(NamedTuple):
    """What a file holds, and the faults of its form."""

    entries: list[Entry]
    faults: list[Fault]


def read_submission(path: Path) -> Submission:
    """Read a submission, however broken; faults in the order of the rows."""
    text, faults = _decode(path.read_bytes())
    rows = _parse(text, faults)
    header = next(rows, [])
    faults += _header_faults(header)
    names = [name.strip().lower() for name in header]
    if "fname" not in names or "summary" not in names:
        return Submission([], faults)
    columns = names.index("fname"), names.index("summary")
    entries = []
    for row, cells in enumerate(rows, start=1):
        faults += _cell_faults(row, cells, header=header, columns=columns)
        if len(cells) > max(columns):
            last = columns[1] == len(header) - 1
            summary = ",".join(cells[columns[1] :]) if last else cells[columns[1]]
            index = cells[0] if header[0] == "" else None
            entries.append(Entry(row, index, cells[columns[0]], summary))
    return Submission(entries, faults)


def id_faults(entries: Sequence[Entry], ids: Sequence[str] | None) -> list[Fault]:
    """Compare the rows with the ids of test, in their order; without them look for repeated ids.

    >>> entries = [Entry(1, "0", "test_1", "네."), Entry(2, "1", "test_0", "네.")]
    >>> [fault.reason for fault in id_faults(entries, ["test_0", "test_1"])]
    ['test_1 stands where test_0 was expected', 'test_0 stands where test_1 was expected']
    """
    rows: dict[str, int] = {}
    faults = []
    known = set(ids or ())
    for entry in entries:
        first = rows.setdefault(entry.id, entry.row)
        if _is_average(entry.id, entry.index):
            faults.append(Fault("average", entry.row, entry.id, "no dialogue; take the row out"))
        elif first != entry.row:
            reason = f"the id of row {first} already"
            faults.append(Fault("repeated_id", entry.row, entry.id, reason))
        elif ids is not None and entry.id not in known:
            reason = f"there is no dialogue {entry.id!r}"
            faults.append(Fault("unknown_id", entry.row, entry.id, reason))
    found = [fname for fname in rows if fname in known]
    expected = [fname for fname in ids or () if fname in rows]
    for fname, wanted in zip(found, expected, strict=True):
        if fname != wanted:
            reason = f"{fname} stands where {wanted} was expected"
            faults.append(Fault("order", rows[fname], fname, reason))
    missing = [fname for fname in ids or () if fname not in rows]
    return faults + [Fault("missing_id", 0, fname, "there is no row for it") for fname in missing]


def _decode(content: bytes) -> tuple[str, list[Fault]]:
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


def _parse(text: str, faults: list[Fault]) -> Iterator[list[str]]:
    """Yield the rows that are not empty lines; a fault of the quoting goes to `faults`."""
    strict = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = -1
    try:
        for cells in strict:
            row += bool(cells)
    except csv.Error as error:
        fault = str(error).replace("field larger", "a cell is longer")
        reason = f'{fault}; close every quoted cell, and write a " within one as ""'
        faults.append(Fault("quoting", row + 1, "", reason))
    lenient = csv.reader(io.StringIO(text, newline=""))
    try:
        yield from (cells for cells in lenient if cells)
    except csv.Error:
        return  # a cell beyond the csv module's limit, which the strict reader has met as well


def _header_faults(header: Sequence[str]) -> list[Fault]:
    if list(header) in HEADERS:
        return []
    found = ",".join(header)[:80]
    reason = f"the header is {found!r} where ',fname,summary' was expected"
    return [Fault("header", 0, "", reason)]


def _cell_faults(
    row: int, cells: Sequence[str], *, header: Sequence[str], columns: tuple[int, int]
) -> list[Fault]:
    fname = cells[columns[0]] if len(cells) > columns[0] else ""
    faults = []
    ragged = len(cells) != len(header)
    if len(cells) > len(header):
        hint = "put a summary that holds a comma between quotes"
    else:
        hint = "a line end or a comma is missing, or too much"
    if ragged:
        reason = f"{_fields(len(cells))} where the header has {len(header)}; {hint}"
        faults.append(Fault("ragged", row, fname, reason))
    for cell in cells:
        if len(cell.splitlines()) > 1:
            reason = f"a line end within the cell {cell[:30]!r}"
            faults.append(Fault("newline", row, fname.partition("\n")[0], reason))
    indexed = header[0] == "" and not ragged and not _is_average(fname, cells[0])
    if indexed and cells[0] != str(row - 1):
        reason = f"the index is {cells[0][:20]!r} where {row - 1} was expected"
        faults.append(Fault("index", row, fname, reason))
    return faults


def _fields(n: int) -> str:
    return "1 field" if n == 1 else f"{n} fields"


def _is_average(fname: str, index: str | None) -> bool:
    names = {"average", "avg", "mean", "total", "평균"}
    return not names.isdisjoint({fname.strip().lower(), (index or "").strip().lower()})
