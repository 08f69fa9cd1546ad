"""Jobs through the pool until there are none left, with everybody told what happened."""

from typing import Protocol

from stages.command.errors import UserError
from stages.workers.board import Board
from stages.workers.messages import Job, Message
from stages.workers.pool import Pool


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
