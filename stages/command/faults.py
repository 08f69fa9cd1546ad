"""All that is wrong with a file in one message: nobody mends and runs it once a fault."""

from collections.abc import Iterable

from stages.command.errors import UserError

SHOWN = 20
"""Faults that are told; of the others there is a count."""


class Faults:
    """Sentences, each with its place, of which the first ones are kept."""

    def __init__(self) -> None:
        """Begin with none."""
        self.told: list[str] = []
        self.count = 0

    def add(self, sentence: str) -> None:
        """Add one fault."""
        self.count += 1
        if len(self.told) < SHOWN:
            self.told.append(sentence)

    def extend(self, others: "Iterable[Faults]") -> None:
        """Add those of others, in their order."""
        for other in others:
            self.count += other.count
            self.told = [*self.told, *other.told][:SHOWN]

    def check(self, name: str) -> None:
        """Raise `UserError` if there is a fault: it alone, or all of them under `name`."""
        if self.count == 1:
            raise UserError(self.told[0])
        if self.count:
            more = self.count - len(self.told)
            lines = [*self.told, *([f"and {more:,} more"] if more else [])]
            raise UserError(f"{name} has {self.count:,} faults:\n  " + "\n  ".join(lines))
