"""One fault that is tried, and what a row of the matrix consists of."""

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TRACEBACK = "Traceback (most recent call last)"


class PromiseError(AssertionError):
    """Something was lost that the project promises to keep."""


def promise(holds: object, sentence: str) -> None:
    """Raise `PromiseError` where it does not hold."""
    if not holds:
        raise PromiseError(sentence)


@dataclass
class Attempt:
    """A fault of a row, in a folder of its own."""

    base: Path
    """What the row's `prepare` made; copied, never changed."""
    folder: Path
    """The attempt's own; empty."""
    chance: random.Random
    """Chooses moments: the same with the same seed."""
    what: str = ""
    """The fault in words, with its moment."""
    said: list[str] = field(default_factory=list)
    """What commands printed, but for what is in an output.txt."""
    tried: int = 1
    """Faults, or runs and trials that were to be kept."""


Try = Callable[[Attempt], None]


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    title: str
    prepare: Callable[[Path], Path]
    """Makes in an empty folder what each attempt begins with."""
    attempts: Callable[[bool], Sequence[Try]]
    """Quick or not → what is tried; each raises `PromiseError` where something is lost."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt."""

    number: int
    what: str
    tried: int
    lost: str
    """Empty where all was kept."""
    tracebacks: int

    @property
    def line(self) -> str:
        """Return it as a line of progress."""
        more = f", {self.tracebacks} tracebacks" * bool(self.tracebacks)
        kept = f"LOST: {self.lost}" if self.lost else "kept"
        return f"{self.number:>3}  {self.what}: {kept}{more}"


def try_row(
    name: str, row: Row, base: Path, folder: Path, *, seed: int, quick: bool, only: int | None
) -> Iterator[Outcome]:
    """Yield what comes of each attempt, or of the one whose number is given."""
    for number, attempt in enumerate(row.attempts(quick)):
        if only in (None, number):
            place = folder / str(number)
            place.mkdir(parents=True)
            chance = random.Random(f"{seed} {name} {number}")
            yield try_one(attempt, Attempt(base, place, chance), number=number)
            shutil.rmtree(place, ignore_errors=True)


def try_one(attempt: Try, one: Attempt, *, number: int = 0) -> Outcome:
    """Try a fault once."""
    lost = ""
    try:
        attempt(one)
    except (AssertionError, subprocess.SubprocessError) as error:  # or a command that hangs
        lost = str(error) or "a promise"
    outputs = [path.read_text("utf-8", "replace") for path in one.folder.rglob("output.txt")]
    tracebacks = sum(text.count(TRACEBACK) for text in (*outputs, *one.said, lost))
    return Outcome(number, re.sub(r"\s+", " ", one.what), one.tried, lost, tracebacks)
