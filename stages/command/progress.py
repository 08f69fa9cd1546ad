"""Progress on the terminal; nothing where there is none (a log file, CI, a queue)."""

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

console = Console(stderr=True)


def progress_bar() -> Progress:
    """Return a bar with count, time gone and time left, and a `note` field for anything else."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def say(sentence: str) -> None:
    """Print the one line with which a command tells what it made."""
    print(sentence, flush=True)


def note(sentence: str) -> None:
    """Print what is worth knowing beside the result, where it does not mix with it."""
    print(f"note: {sentence}", file=sys.stderr, flush=True)
