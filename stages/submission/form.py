"""A submission: `,fname,summary` and a row for each dialogue of test. What is wrong with its form.

Everything is looked at: a fault never hides the next one, and a header that no leaderboard knows is
one fault, with the rows below it still judged. What the summaries say is the business of check.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from stages.dialogue.placeholders import is_no_summary
from stages.submission.faults import Fault
from stages.submission.table import decode_bytes, submission_rows

HEADERS = (["", "fname", "summary"], ["fname", "summary"])
"""The sample file's, and the one without an index that the leaderboard has taken as well."""


_IDS = ("fname", "id", "ids", "file", "dialogue_id")
_SUMMARIES = (
    *("summary", "prediction", "predictions", "pred", "preds", "predicted_summary"),
    *("generated", "generated_text", "generated_summary", "output", "hypothesis", "요약"),
)
"""Names of columns under which people keep ids, and what a model wrote."""
_AVERAGES = {"average", "avg", "mean", "total", "평균"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be read."""

    row: int
    index: str | None
    id: str
    summary: str

    @property
    def is_missing(self) -> bool:
        """Tell whether there is no summary, as `clean` tells it."""
        return is_no_summary(self.summary)


class Submission(NamedTuple):
    """What a file holds, and the faults of its form."""

    entries: list[Entry]
    faults: list[Fault]


class _Columns(NamedTuple):
    id: int | None
    summary: int


def read_submission(path: Path, column: str | None = None) -> Submission:
    """Read a submission, however broken; faults in the order of the rows.

    `column` says which one has the summaries, where more than one could be it.
    """
    text, faults = decode_bytes(path.read_bytes())
    rows = submission_rows(text, faults)
    header = next(rows, [])
    faults += [] if any(fault.kind == "header" for fault in faults) else _header_faults(header)
    columns, doubts = _find_columns(header, column)
    faults += doubts
    if columns is None:
        found = ((row, cells) for row, cells in enumerate(rows, start=1) if _has_average(cells))
        return Submission([], faults + [_average(row, "") for row, _ in found])
    entries = []
    for row, cells in enumerate(rows, start=1):
        faults += _cell_faults(row, cells, header=header, columns=columns)
        if len(cells) > max(columns.id or 0, columns.summary):
            last = columns.summary == len(header) - 1
            summary = ",".join(cells[columns.summary :]) if last else cells[columns.summary]
            index = cells[0] if header[0] == "" else None
            entries.append(Entry(row, index, _id_of(cells, columns), summary))
    return Submission(entries, faults)


def id_faults(entries: Sequence[Entry], ids: Sequence[str] | None) -> list[Fault]:
    """Compare the rows with the ids of test, in their order; without them look for repeated ids.

    >>> entries = [Entry(1, "0", "test_1", "네."), Entry(2, "1", "test_0", "네.")]
    >>> [fault.reason for fault in id_faults(entries, ["test_0", "test_1"])]
    ['test_1 stands where test_0 was expected', 'test_0 stands where test_1 was expected']
    """
    rows: dict[str, int] = {}
    faults = []
    named = not entries or any(entry.id for entry in entries)  # else there is no column of ids
    known = set(ids or ())
    for entry in entries:
        first = rows.setdefault(entry.id, entry.row)
        if _has_average([entry.id, entry.index or "", entry.summary]):
            faults.append(_average(entry.row, entry.id))
        elif not named:
            continue
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
    missing = [fname for fname in ids or () if named and fname not in rows]
    return faults + [Fault("missing_id", 0, fname, "there is no row for it") for fname in missing]


def _header_faults(header: Sequence[str]) -> list[Fault]:
    if list(header) in HEADERS:
        return []
    found = ",".join(header)[:80]
    reason = f"the header is {found!r} where ',fname,summary' was expected"
    return [Fault("header", 0, "", reason)]


def _find_columns(header: Sequence[str], column: str | None) -> tuple[_Columns | None, list[Fault]]:
    """Return where ids and summaries stand, the latter as named if so, and what is in doubt."""
    names = [name.strip().lower() for name in header]
    ids = [names.index(name) for name in _IDS if name in names]
    wanted = _SUMMARIES if column is None else (column.strip().lower(),)
    found = [at for known in wanted for at, name in enumerate(names) if name == known]
    if not found:
        return None, []
    columns = _Columns(ids[0] if ids else None, found[0])
    if len(found) == 1:
        return columns, []
    several = [header[at].strip() for at in found]
    if len(set(several)) == 1:
        reason = f"the column {several[0]} comes twice; take one of them out"
    else:
        reason = f"each of {', '.join(several)} could be the model's; say which: --column NAME"
    return columns, [Fault("which_column", 0, "", reason)]


def _id_of(cells: Sequence[str], columns: _Columns) -> str:
    return "" if columns.id is None or len(cells) <= columns.id else cells[columns.id]


def _cell_faults(
    row: int, cells: Sequence[str], *, header: Sequence[str], columns: _Columns
) -> list[Fault]:
    fname = _id_of(cells, columns)
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
    indexed = header[0] == "" and not ragged and not _has_average(cells)
    if indexed and cells[0] != str(row - 1):
        reason = f"the index is {cells[0][:20]!r} where {row - 1} was expected"
        faults.append(Fault("index", row, fname, reason))
    return faults


def _fields(n: int) -> str:
    return "1 field" if n == 1 else f"{n} fields"


def _average(row: int, fname: str) -> Fault:
    return Fault("average", row, fname, "no dialogue; take the row out")


def _has_average(cells: Sequence[str]) -> bool:
    return not _AVERAGES.isdisjoint(cell.strip().lower() for cell in cells)
