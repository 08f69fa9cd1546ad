"""What a benchmark finds, how one is run alone, and how its results are shown."""

import argparse
import inspect
import json
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from stages.command.files import write_json

Unit = Literal[
    "times as fast",
    "points of rouge_mean more",
    "of the peak",
    "times the time",
    "times the examples",
    "seconds more",
    "exponent of time",
    "GiB at most",
]
AT_LEAST: tuple[Unit, ...] = ("times as fast", "points of rouge_mean more", "of the peak")
"""The goal of these is a lower bound, that of the others an upper one."""
MEASURED = ("ratio", "goal", "beside", "unit", "on")
"""What metrics/benchmarks.json has of a `Ratio`."""


@dataclass(frozen=True)
class Ratio:
    """One figure beside its goal.

    >>> Ratio("start_up.clean", 0.4, 1, "python -c pass", "seconds more", "0.42 s", "0.02 s").met
    True
    """

    name: str
    ratio: float
    goal: float | None
    """None where the figure is for information."""
    beside: str
    """What ours was measured against."""
    unit: Unit
    ours: str
    """The median of ours, with its unit."""
    theirs: str
    """The median of the other side."""
    on: str = ""
    """The processor, which `run` fills in."""

    @property
    def met(self) -> bool:
        """Tell whether the goal is reached."""
        if self.goal is None:
            return True
        return self.ratio >= self.goal if self.unit in AT_LEAST else self.ratio <= self.goal

    @property
    def bound(self) -> str:
        """Return the goal in words: `≥ 2.5`."""
        sign = "≥" if self.unit in AT_LEAST else "≤"
        return "" if self.goal is None else f"{sign} {self.goal:g}"


def processor() -> str:
    """Return what computes here: the CPU, how many of its cores, and the GPU where there is one."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    name = found[1].strip() if found else platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch = sys.modules.get("torch")  # a benchmark that loads none computes on the CPU
    gpu = f", {torch.cuda.get_device_name()}" if torch and torch.cuda.is_available() else ""
    return f"{name}, {cores} {'core' if cores == 1 else 'cores'}{gpu}"


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(sides: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, float]:
    """Return the median of what each side returns in so many rounds; in a round all take turns."""
    taken = [{name: measure() for name, measure in sides.items()} for _ in range(rounds)]
    return {name: statistics.median(one[name] for one in taken) for name in sides}


def ratio_table(ratios: Iterable[Ratio]) -> Table:
    """Return the table for the terminal."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for header in ("benchmark", "", "goal", "ours", "theirs", "beside", "on"):
        table.add_column(header)
    for one in ratios:
        style = "none" if one.goal is None else "green" if one.met else "red"
        value = f"[{style}]{one.ratio:g}[/] {one.unit}"
        table.add_row(one.name, value, one.bound, one.ours, one.theirs, one.beside, one.on)
    return table


def print_table(ratios: Iterable[Ratio]) -> None:
    """Print the table, as wide as it is where nobody's terminal is narrower."""
    console = Console()
    console = console if console.is_terminal else Console(width=200)
    console.print(ratio_table(ratios))


def markdown(ratios: Iterable[Ratio]) -> str:
    """Return the table for docs/benchmarks.md."""
    lines = [
        "| benchmark | | goal | ours | theirs | beside | on |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{one.name}` | **{one.ratio:g}** {one.unit} | {one.bound} | {one.ours} | {one.theirs} "
        f"| {one.beside} | {one.on} |"
        for one in ratios
    ]
    return "\n".join(lines) + "\n"


def run(measure: Callable[..., Iterable[Ratio]], *, quick: Mapping[str, int]) -> None:
    """Run a benchmark alone: `--quick` takes the settings `quick`, options change single ones.

    Each figure is said as it comes, for a benchmark may be interrupted.
    """
    parser = argparse.ArgumentParser(description=sys.modules[measure.__module__].__doc__)
    parser.add_argument("--quick", action="store_true", help=f"only a try: {dict(quick)}")
    parser.add_argument("--json", type=Path, help="write the results to this file, too")
    settings = inspect.signature(measure).parameters
    for name, setting in settings.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=int, help=f"in place of {setting.default}")
    arguments = parser.parse_args()
    given = {name: getattr(arguments, name) for name in settings}
    chosen = {name: value for name, value in given.items() if value is not None}
    ratios = []
    for one in measure(**(dict(quick) if arguments.quick else {}) | chosen):
        ratios.append(replace(one, on=processor()))
        print(
            f"{one.name}: {one.ratio:g} {one.unit} ({one.ours}; {one.theirs})",
            file=sys.stderr,
            flush=True,
        )
    if arguments.json:
        write_json(arguments.json, [asdict(one) for one in ratios])
    else:
        print_table(ratios)


def read_ratios(path: Path) -> list[Ratio]:
    """Read what `run` wrote for `--json`."""
    return [Ratio(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
