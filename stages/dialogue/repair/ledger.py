"""What cleaning did: a ledger line for every change, and a tally of every file."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from stages.command.files import as_text
from stages.dialogue.records import Record
from stages.dialogue.repair.rules import (
    IN_REFERENCE,
    REFERENCE_RULES,
    RULES,
    Step,
    changed_lines,
)

NO_SUMMARY, NEAR_COPY = "no_summary", "near_copy"
"""The rules that set a training row aside: it has no summary, or is a near-copy of dev or test.

`reference.no_summary` takes one out of several references."""

TAG_NAMES = "tag_names"
"""The rule that puts tags in place of speakers' names (stages/corpus/names.py)."""


RULE_NAMES = (
    TAG_NAMES,
    *(rule.__name__ for rule in RULES),
    *(f"{IN_REFERENCE}{rule.__name__}" for rule in REFERENCE_RULES),
    f"{IN_REFERENCE}{TAG_NAMES}",
    f"{IN_REFERENCE}{NO_SUMMARY}",
    NO_SUMMARY,
    NEAR_COPY,
)
"""All that a ledger may name."""


class Ledger:
    """A CSV file of changes: file, id, rule, and the lines of the text before and after."""

    HEADER = ("file", "id", "rule", "before", "after")

    def __init__(self, file: TextIO) -> None:
        """Go on in a file that has its header."""
        self._writer = _quoting_writer(file)

    def write(self, file: str, identifier: str, steps: list[Step]) -> None:
        """Write a line for each step."""
        for step in steps:
            excerpts = changed_lines(step.before, step.after)
            self._writer.writerow(map(as_text, (file, identifier, step.rule, *excerpts)))


class SpeakerTable:
    """A CSV file of the names behind the tags: file, id, tag, name."""

    HEADER = ("file", "id", "tag", "name")

    def __init__(self, file: TextIO) -> None:
        """Go on in a file that has its header."""
        self._writer = _quoting_writer(file)

    def write(self, file: str, identifier: str, names: Mapping[str, str]) -> None:
        """Write a line for each speaker whose name became a tag."""
        for tag, name in names.items():
            self._writer.writerow(map(as_text, (file, identifier, tag, name)))


def write_header(file: TextIO, header: Sequence[str]) -> None:
    """Begin a ledger or a table of speakers."""
    _quoting_writer(file).writerow(header)


def _quoting_writer(file: TextIO) -> Any:
    # Everything is quoted: the csv module leaves a lone carriage return bare, and then cannot read
    # it back.
    return csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)


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
    crowded: int = 0
    """Rows with more speakers than there are masks."""
    most_speakers: int = 0
    written_codes: int = 0
    """Rows whose references have HTML entities or `_x000D_`, which are words and stay."""
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def set_aside(self) -> int:
        """Rows that are in no split any more."""
        return self.read - self.kept - self.held_out

    @classmethod
    def total(cls, tallies: "Iterable[Tally]") -> "Tally":
        """Return the sums of several files' numbers."""
        total = cls()
        for tally in tallies:
            total.read += tally.read
            total.kept += tally.kept
            total.held_out += tally.held_out
            total.changed += tally.changed
            total.references += tally.references
            total.dialogue_characters += tally.dialogue_characters
            total.summary_characters += tally.summary_characters
            total.summaries_of_several_lines += tally.summaries_of_several_lines
            total.crowded += tally.crowded
            total.most_speakers = max(total.most_speakers, tally.most_speakers)
            total.written_codes += tally.written_codes
            total.rules.update(tally.rules)
        return total

    def count_read(self, record: Record) -> None:
        """Count a row as it stands in the file."""
        summaries = record.summaries
        self.read += 1
        self.references += len(summaries)
        self.dialogue_characters += len(record.dialogue)
        self.summary_characters += sum(map(len, summaries))
        self.summaries_of_several_lines += sum("\n" in summary for summary in summaries)

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
            "crowded": self.crowded,
            "most_speakers": self.most_speakers,
            "written_codes": self.written_codes,
            "rules": {name: self.rules[name] for name in RULE_NAMES},
        }
