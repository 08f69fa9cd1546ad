"""The table of docs/faults.md: a line for each row, put there as soon as the row has been tried."""

import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.ratio import processor
from faults.attempt import Outcome
from tests.repository import ROOT

DOCS = ROOT / "docs/faults.md"
BEGIN, END = "<!-- written by python -m faults -->", "<!-- end -->"
HEAD = ("| | fault | tried | kept | lost | tracebacks | on |", "|---|---|---|---|---|---|---|")
PACKAGES = ("dvc", "torch", "transformers", "optuna", "sqlalchemy")


def line(name: str, title: str, outcomes: Sequence[Outcome], seed: int) -> str:
    """Return a row: how much was tried, and what came of it; one fault alone says what it was."""
    tried = sum(one.tried for one in outcomes)
    lost = sum(bool(one.lost) for one in outcomes)
    tracebacks = sum(one.tracebacks for one in outcomes)
    fault = title if len(outcomes) > 1 else outcomes[0].what
    counts = f"{tried} | {tried - lost} | {lost} | {tracebacks}"
    return f"| `{name}` | {fault} | {counts} | {processor()}, seed {seed} |"


def versions() -> str:
    """Return what was tried, by its versions."""
    found = [f"{name} {version(name)}" for name in PACKAGES]
    return f"Python {platform.python_version()}, {', '.join(found)}."


def write(new: str, order: Sequence[str], docs: Path = DOCS) -> None:
    """Put a line into the table, in the place of the one before of its name."""
    whole = docs.read_text(encoding="utf-8")
    before, _, rest = whole.partition(f"{BEGIN}\n")
    old, _, after = rest.partition(END)
    lines = {_name(one): one for one in (*old.splitlines(), new) if _name(one)}
    ordered = [lines[name] for name in order if name in lines]
    table = "\n".join((*HEAD, *ordered, "", versions()))
    docs.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def _name(one: str) -> str:
    found = re.match(r"\| `(\w+)` \|", one)
    return found[1] if found else ""
