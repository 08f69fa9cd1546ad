"""What a check of a submission finds, and how it is told."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

WARNINGS = frozenset(
    {
        "bom",
        "index",
        "order",
        "which_column",
        "list",
        "placeholder",
        "written_code",
        "odd_blank",
        "blanks",
        "hidden",
        "decomposed",
        "unfinished",
        "damaged_tag",
        "unknown_tag",
        "foreign_tag",
        "copied",
        "same_summary",
        "lost_tags",
    }
)
"""Kinds of which no refusal is known: a file with them is taken, and scores less than it could."""

SHOWN = 5
"""Faults of a kind that are listed; of the others there is a count."""


class Fault(NamedTuple):
    """One thing that is wrong."""

    kind: str
    row: int
    """Counted from 1 below the header; 0 is the header or the whole file."""
    id: str
    """The row's `fname` as far as it can be told."""
    reason: str

    @property
    def refused(self) -> bool:
        """Tell whether a file with this fault is refused, or worth nothing."""
        return self.kind not in WARNINGS

    def __str__(self) -> str:
        """Return the line that a reader sees."""
        place = f"row {self.row}" if self.row else "file"
        named = f" ({self.id})" if self.id else ""
        return (
            f"{'refused' if self.refused else 'will cost score'} {self.kind}: {place}{named}: "
            f"{self.reason}"
        )


def describe(faults: Sequence[Fault]) -> list[str]:
    """Return a line for each fault, refused ones first, at most `SHOWN` of a kind, and the rest."""
    counts = Counter(fault.kind for fault in faults)
    lines = []
    for kind in sorted(counts, key=lambda kind: kind in WARNINGS):
        of_kind = [fault for fault in faults if fault.kind == kind]
        lines += [str(fault) for fault in of_kind[:SHOWN]]
        if len(of_kind) > SHOWN:
            lines.append(f"        {kind}: and {len(of_kind) - SHOWN} more")
    return lines


def count_kinds(faults: Sequence[Fault], *, refused: bool) -> str:
    """Return how many faults there are of each kind; empty where there is none.

    >>> count_kinds([Fault("newline", 1, "test_0", ""), Fault("newline", 2, "", "")], refused=True)
    'newline (2)'
    """
    counts = Counter(fault.kind for fault in faults if fault.refused == refused)
    return ", ".join(f"{kind} ({count})" for kind, count in counts.items())
