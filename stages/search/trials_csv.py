"""What the stage `tune` puts out where no search was asked for; imports nothing that takes time."""

from pathlib import Path

from stages.command.files import write_json, write_table

HEADER = ("trial", "source", "state", "score")
REST = ("experiment", "epochs", "seconds", "examples", "reason")
"""Columns of trials.csv; between the two stand the keys that were searched."""


def has_trials(folder: Path) -> bool:
    """Tell whether `folder` has a trials.csv with trials in it."""
    path = folder / "trials.csv"
    return path.is_file() and path.read_bytes().count(b"\n") > 1


def write_nothing(folder: Path) -> None:
    """Write a trials.csv without trials, and the metrics to it."""
    write_table(folder / "trials.csv", [*HEADER, *REST], [])
    write_json(folder / "tune.json", {"trials": 0})
