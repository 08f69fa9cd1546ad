"""What cleaning did: a ledger line for every change, and a tally of every file."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

from stages.text.csv_reader import Row
from stages.text.repair import RULES, Step, changed_lines

NO_SUMMARY = "no_summary"
"""The rule that sets a training row aside."""


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
    changed: int = 0
    references: int = 0
    dialogue_characters: int = 0
    summary_characters: int = 0
    summaries_of_several_lines: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    without_reference: str = ""
    """Where the first row without a reference stands."""

    def count_read(self, row: Row) -> None:
        """Count a row as it stands in the file."""
        summaries = row.record.summaries
        self.read += 1
        self.references += len(summaries)
        self.dialogue_characters += len(row.record.dialogue)
        self.summary_characters += sum(map(len, summaries))
        self.summaries_of_several_lines += sum("\n" in summary for summary in summaries)
        if not summaries and not self.without_reference:
            self.without_reference = row.place

    def count_cleaned(self, steps: list[Step], *, kept: bool) -> None:
        """Count what was done to the row."""
        self.kept += kept
        self.changed += kept and bool(steps)
        self.rules.update(step.rule for step in steps)

    def facts(self) -> dict[str, object]:
        """Return the file's numbers, with means for sums and every rule there is."""
        names = (*(rule.__name__ for rule in RULES), NO_SUMMARY)
        return {
            "read": self.read,
            "kept": self.kept,
            "set_aside": self.read - self.kept,
            "changed": self.changed,
            "references": self.references,
            "dialogue_characters": round(self.dialogue_characters / max(self.read, 1), 2),
            "summary_characters": round(self.summary_characters / max(self.references, 1), 2),
            "summaries_of_several_lines": self.summaries_of_several_lines,
            "rules": {name: self.rules[name] for name in names},
        }
