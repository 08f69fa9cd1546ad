"""The worker processes of a search: started, watched, and started again when they die."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TextIO, cast

from stages.command.errors import UserError
from stages.workers.board import Board
from stages.workers.clone import CLONES, make_clone, outside_of_dvc
from stages.workers.messages import Job, Message

DEATHS = 2
"""Workers that may die over one job; more are the job's fault, such as the memory it needs."""


class Worker:
    """One process in a clone of its own."""

    def __init__(self, number: int, messages: "queue.SimpleQueue[tuple[Worker, Message]]") -> None:
        """Make the clone and start the process; it says `ready` some seconds later."""
        self.number = number
        self.job: Job | None = None
        self.is_ready = False
        self.messages = messages
        main = Path.cwd()
        clone = main / CLONES / f"worker-{number}"
        make_clone(main, clone)
        self.log = main / CLONES / f"worker-{number}.log"
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stages.workers.worker"],
                cwd=clone,
                env=outside_of_dvc() | worker_environment(number, visible_gpus()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is the owner's to hear
            )
        pipes = self.process.stdin, self.process.stdout
        self.incoming, self.outgoing = cast("tuple[TextIO, TextIO]", pipes)
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, content: Mapping[str, object]) -> None:
        """Send a line; that a worker is gone is said by the thread that listens to it."""
        line = json.dumps(content, ensure_ascii=False) + "\n"
        with contextlib.suppress(BrokenPipeError):
            self.incoming.write(line)
            self.incoming.flush()

    def end(self) -> None:
        """Kill the process and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.incoming.close()

    def last_words(self) -> str:
        """Return the last line of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _listen(self) -> None:
        with self.outgoing:
            for line in self.outgoing:
                if line.endswith("\n"):  # else the worker died as it wrote
                    self.messages.put((self, Message(**json.loads(line))))
        self.messages.put((self, Message("died")))


class Pool:
    """So many workers; give jobs to the idle ones, and wait for what they say."""

    def __init__(self, size: int) -> None:
        """Start nothing yet: a search that has nothing to train needs no worker."""
        self.size = size
        self.messages: queue.SimpleQueue[tuple[Worker, Message]] = queue.SimpleQueue()
        self.workers: list[Worker] = []
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
            worker = Worker(len(self.workers), self.messages)
            self.workers.append(worker)
        worker.job = job
        if worker.is_ready:
            worker.send(asdict(job))

    def answer(self, job: Job, *, go_on: bool) -> None:
        """Tell the worker of a job, after an epoch, whether to go on."""
        next(w for w in self.workers if w.job == job).send({"go_on": go_on})

    def wait(self) -> tuple[Job, Message] | None:
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

    def _replace(self, worker: Worker) -> tuple[Job, Message] | None:
        worker.end()
        job = worker.job
        if not worker.is_ready:
            raise UserError(f"a worker did not start: {worker.last_words()} (see {worker.log})")
        fresh = Worker(worker.number, self.messages)
        self.workers[self.workers.index(worker)] = fresh
        if job is None:
            return None
        self.deaths[job.name] = self.deaths.get(job.name, 0) + 1
        code = worker.process.returncode
        if self.deaths[job.name] < DEATHS:
            fresh.job = job
            return job, Message("died", reason=f"a worker died (exit {code})")
        reason = f"{DEATHS} workers died of it (exit {code}), perhaps for want of memory"
        return job, Message("failed", reason=reason)


def worker_environment(number: int, gpus: Sequence[str]) -> dict[str, str]:
    """Return what is special to one worker: its GPU, and how its threads wait.

    The number of threads stays what it is in `dvc repro`, for sums in another order differ in their
    last bits. Threads that wait asleep do not fight over few cores.

    >>> [worker_environment(number, ["0", "3"]) for number in range(3)]
    [{'CUDA_VISIBLE_DEVICES': '0'}, {'CUDA_VISIBLE_DEVICES': '3'}, {'CUDA_VISIBLE_DEVICES': '0'}]
    """
    if not gpus:
        return {"OMP_WAIT_POLICY": "passive"}
    return {"CUDA_VISIBLE_DEVICES": gpus[number % len(gpus)]}


def visible_gpus() -> list[str]:
    """Return the GPUs of this machine, or those of them that CUDA_VISIBLE_DEVICES leaves."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [gpu for gpu in visible.split(",") if gpu]
    if not shutil.which("nvidia-smi"):
        return []
    command = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return result.stdout.split() if result.returncode == 0 else []


class Source(Protocol):
    """Where jobs come from, and where their results go."""

    def next_job(self) -> Job | None:
        """Return another job; None where there is none at the moment."""

    def go_on(self, job: Job, message: Message) -> bool:
        """Note an epoch, and say whether the training should go on."""

    def end(self, job: Job, message: Message) -> None:
        """Note the end of a job: `done`, `pruned` or `failed`."""

    def left(self) -> int:
        """Return how many jobs there still will be, the running ones not counted."""


def run_jobs(source: Source, pool: Pool, board: Board) -> None:
    """Run every job of `source`. Raises `UserError` where the disk is full."""
    while True:
        while pool.has_room():
            job = source.next_job()
            if job is None:
                break
            pool.give(job)
            board.started(job)
        if not pool.busy:
            return
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
