"""Jobs through worker processes until none is left: watched, and started again when they die."""

import queue
import shutil
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from stages.command.errors import UserError
from stages.workers.board import Board
from stages.workers.clone import CLONES, take_snapshot
from stages.workers.messages import Job, WorkerMessage
from stages.workers.process import WorkerProcess

DEATHS = 2
"""Workers that may die over one job; more are the job's fault, such as the memory it needs."""


class JobSource(Protocol):
    """Where jobs come from, and where their results go."""

    def next_job(self) -> Job | None:
        """Return another job; None where there is none at the moment."""

    def go_on(self, job: Job, message: WorkerMessage) -> bool:
        """Note an epoch, and say whether the training should go on."""

    def end(self, job: Job, message: WorkerMessage) -> None:
        """Note the end of a job: `done`, `pruned` or `failed`."""

    def left(self) -> int:
        """Return how many jobs there still will be, the running ones not counted."""


class Pool:
    """So many workers; give jobs to the idle ones, and wait for what they say."""

    def __init__(self, size: int, *, processes: int) -> None:
        """Start nothing yet: a search that has nothing to train needs no worker."""
        self.size, self.processes = size, processes
        self.snapshot = take_snapshot(Path())
        self.messages: queue.SimpleQueue[tuple[WorkerProcess, WorkerMessage]] = queue.SimpleQueue()
        self.workers: list[WorkerProcess] = []
        self.deaths: dict[str, int] = {}

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all workers and remove their clones."""
        for worker in self.workers:
            worker.end()
            shutil.rmtree(CLONES / f"worker-{worker.number}", ignore_errors=True)

    @property
    def busy(self) -> list[Job]:
        """The jobs that are running."""
        return [worker.job for worker in self.workers if worker.job]

    def has_room(self) -> bool:
        """Tell whether another job can be given."""
        return len(self.busy) < self.size

    def give(self, job: Job) -> None:
        """Give a job to an idle worker, started where there is none."""
        worker = next((w for w in self.workers if w.job is None), None)
        if worker is None:
            worker = self._start(len(self.workers))
            self.workers.append(worker)
        worker.job = job
        if worker.is_ready:
            worker.send(asdict(job))

    def answer(self, job: Job, *, go_on: bool) -> None:
        """Tell the worker of a job, after an epoch, whether to go on."""
        next(w for w in self.workers if w.job == job).send({"go_on": go_on})

    def wait(self) -> tuple[Job, WorkerMessage] | None:
        """Wait for the next message about a job; None where nothing happened for half a second.

        A worker that died is started again, and takes its job up again: the message is `died`. When
        several died of the same job, it is `failed`.
        """
        try:
            worker, message = self.messages.get(timeout=0.5)
        except queue.Empty:
            return None
        if worker not in self.workers:
            return None  # the end of one that was replaced
        if message.kind == "died":
            return self._replace(worker)
        if message.kind == "ready":
            worker.is_ready = True
            if worker.job:
                worker.send(asdict(worker.job))
            return None
        job = worker.job
        if message.kind != "epoch":
            worker.job = None
        return (job, message) if job else None

    def _start(self, number: int) -> WorkerProcess:
        return WorkerProcess(number, self.messages, self.snapshot, processes=self.processes)

    def _replace(self, worker: WorkerProcess) -> tuple[Job, WorkerMessage] | None:
        worker.end()
        job = worker.job
        if not worker.is_ready:
            raise UserError(f"a worker did not start: {worker.last_words()} (see {worker.log})")
        fresh = self._start(worker.number)
        self.workers[self.workers.index(worker)] = fresh
        if job is None:
            return None
        self.deaths[job.name] = self.deaths.get(job.name, 0) + 1
        code = worker.process.returncode
        if self.deaths[job.name] < DEATHS:
            fresh.job = job
            return job, WorkerMessage("died", reason=f"a worker died (exit {code})")
        reason = f"{DEATHS} workers died of it (exit {code}), perhaps for want of memory"
        return job, WorkerMessage("failed", reason=reason)


def run_jobs(source: JobSource, pool: Pool, board: Board) -> int:
    """Run every job of `source`; return how many. Raises `UserError` where the disk is full."""
    n = 0
    while True:
        while pool.has_room():
            job = source.next_job()
            if job is None:
                break
            pool.give(job)
            n += 1
            board.started(job)
        if not pool.busy:
            return n
        board.show(left=source.left())
        heard = pool.wait()
        if heard is None:
            continue
        job, message = heard
        match message.kind:
            case "epoch":
                board.epoch(job, message)
                pool.answer(job, go_on=source.go_on(job, message))
            case "died":
                board.note(f"{job.name}: {message.reason}; it is run again")
            case "disk_full":
                raise UserError(
                    "the disk is full; make room and run this again: finished trials are kept, "
                    f"and {job.name} is run again"
                )
            case _:
                board.ended(job, message)
                source.end(job, message)
