"""The live table of a search on a terminal; a line for each finished trial where there is none."""

import time
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.live import Live
from rich.table import Table

from stages.command.progress import console, say
from stages.params import Value
from stages.workers.messages import Job, WorkerMessage

STATES = ("done", "pruned", "failed")


class Board:
    """What is shown while a search runs."""

    def __init__(self, *, workers: int) -> None:
        """Show nothing yet."""
        self.workers = workers
        self.counts: Counter[str] = Counter()
        self.best: tuple[float, str] | None = None
        self.running: dict[str, tuple[Job, float, str]] = {}
        self.took: list[float] = []
        self.left = 0
        self.live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)

    def __enter__(self) -> Self:
        """Begin to draw, on a terminal."""
        if console.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        self.live.stop()

    def known(self, name: str, score: float, values: Mapping[str, Value]) -> None:
        """Take a score that was measured elsewhere."""
        if self.best is None or score > self.best[0]:
            self.best = score, f"{name}: {in_short(values)}"

    def started(self, job: Job) -> None:
        """Note a job that a worker has got."""
        self.running[job.name] = job, time.monotonic(), "starts"

    def epoch(self, job: Job, message: WorkerMessage) -> None:
        """Note the score of an epoch."""
        _, start, _ = self.running[job.name]
        self.running[job.name] = job, start, f"epoch {message.epoch:g}: {message.score:.2f}"

    def ended(self, job: Job, message: WorkerMessage) -> None:
        """Note how a job ended."""
        _, start, _ = self.running.pop(job.name)
        self.took.append(time.monotonic() - start)
        self.counts[message.kind] += 1
        outcome: str = message.kind
        if message.kind == "done":
            score, overhead = message.result["score"], message.result["overhead"]
            self.known(job.name, score, job.values)
            outcome = f"{score:.2f} in {message.result['seconds']:.0f} s + {overhead:.1f} s"
            outcome += f"; {message.result['warning']}" * bool(message.result["warning"])
        elif message.kind == "failed":
            outcome = f"failed: {message.reason}"
        self.note(f"{job.name}: {outcome} ({in_short(job.values)})")

    def note(self, line: str) -> None:
        """Print one line that stays."""
        if self.live.is_started:
            self.live.console.print(line, markup=False, highlight=False)
        else:
            say(f"tune: {line}")

    def show(self, *, left: int) -> None:
        """Draw anew."""
        self.left = left
        if self.live.is_started:
            self.live.update(self.table(), refresh=True)

    def table(self) -> Table:
        """Return the table: counts, best so far, what runs, time left."""
        counts = ", ".join(f"{self.counts[state]} {state}" for state in STATES)
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_row("trials", f"{counts}, {self.left} to go{self._time_left()}")
        if self.best:
            table.add_row("best", f"{self.best[0]:.2f}  {self.best[1]}")
        for name, (job, _, state) in self.running.items():
            table.add_row(name, f"{state}  {in_short(job.values)}")
        return table

    def _time_left(self) -> str:
        if not self.took:
            return ""
        mean = sum(self.took) / len(self.took)
        gone = [time.monotonic() - start for _, start, _ in self.running.values()]
        running = sum(max(0.0, mean - seconds) for seconds in gone)
        seconds = round((running + mean * self.left) / self.workers)
        return f", about {seconds // 60}:{seconds % 60:02d} left"


def in_short(values: Mapping[str, Value]) -> str:
    """Return values as a reader types them.

    >>> in_short({"train.lr": 0.001, "train.optim": "sgd"})
    'train.lr=0.001 train.optim=sgd'
    """
    return " ".join(
        f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}"
        for key, value in values.items()
    )
