"""What cleaning did: a ledger line for every change, and a tally of every file."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

from stages.dialogue.records import Record
from stages.dialogue.repair.rules import RULES, Step, changed_lines

NO_SUMMARY, NEAR_COPY = "no_summary", "near_copy"
"""The rules that set a training row aside: it has no summary, or is a near-copy of dev or test."""


class Ledger:
    """A CSV file of changes: file, id, rule, and the lines of the dialogue before and after."""

    def __init__(self, file: TextIO) -> None:
        """Begin with the header."""
        # Everything is quoted: the csv module leaves a lone carriage return bare, and then cannot
        # read it back.
        self._writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self._writer.writerow(("file", "id", "rule", "before", "after"))

    def write(self, file: str, identifier: str, steps: list[Step]) -> None:
        """Write a line for each step."""
        for step in steps:
            excerpts = changed_lines(step.before, step.after)
            self._writer.writerow((file, identifier, step.rule, *excerpts))


@dataclass(slots=True)
class Tally:
    """What one file holds and what became of it; lengths in characters, as read."""

    read: int = 0
    kept: int = 0
    held_out: int = 0
    """Training rows that are dev in this run."""
    changed: int = 0
    """Rows that were repaired, also those set aside or held out after that."""
    references: int = 0
    dialogue_characters: int = 0
    summary_characters: int = 0
    summaries_of_several_lines: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    without_reference: str = ""
    """Where the first row without a reference stands."""

    @property
    def set_aside(self) -> int:
        """Rows that are in no split any more."""
        return self.read - self.kept - self.held_out

    def count_read(self, record: Record, place: str) -> None:
        """Count a row as it stands in the file, at that place of it."""
        summaries = record.summaries
        self.read += 1
        self.references += len(summaries)
        self.dialogue_characters += len(record.dialogue)
        self.summary_characters += sum(map(len, summaries))
        self.summaries_of_several_lines += sum("\n" in summary for summary in summaries)
        if not summaries and not self.without_reference:
            self.without_reference = place

    def count_cleaned(self, steps: list[Step], *, kept: bool) -> None:
        """Count what was done to the row."""
        self.kept += kept
        self.changed += kept and bool(steps)
        self.rules.update(step.rule for step in steps)

    def count_dropped(self) -> None:
        """Count a row that was kept and is not any more."""
        self.kept -= 1
        self.rules[NEAR_COPY] += 1

    def count_held_out(self) -> None:
        """Count a row that was kept and is dev now."""
        self.kept -= 1
        self.held_out += 1

    def facts(self) -> dict[str, object]:
        """Return the file's numbers, with means for sums and every rule there is."""
        names = (*(rule.__name__ for rule in RULES), NO_SUMMARY, NEAR_COPY)
        return {
            "read": self.read,
            "kept": self.kept,
            "set_aside": self.set_aside,
            "held_out": self.held_out,
            "changed": self.changed,
            "references": self.references,
            "dialogue_characters": round(self.dialogue_characters / max(self.read, 1), 2),
            "summary_characters": round(self.summary_characters / max(self.references, 1), 2),
            "summaries_of_several_lines": self.summaries_of_several_lines,
            "rules": {name: self.rules[name] for name in names},
        }
