"""Put back into DVC's queue what a killed worker has left "Running" there.

    python -m stages.queue

A run is dead that no worker has any more: nobody takes it up, and nobody would collect its result.
What is left of it is ended, and it waits in the queue again under its name, with its params and its
code. Then `dvc queue start`. Runs that work are left alone.
"""

import contextlib
from pathlib import Path
from typing import Any, NamedTuple

from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.progress import say
from stages.workers.clone import git


class BegunRun(NamedTuple):
    """A run that has begun."""

    message: Any
    """Of the queue's broker."""
    entry: Any

    @property
    def name(self) -> str:
        """The name of the experiment, or the beginning of its revision."""
        return str(self.entry.name or self.entry.stash_rev[:7])

    @property
    def task(self) -> str:
        """Its name in the broker."""
        return str(self.message.headers["id"])

    @property
    def has_ended(self) -> bool:
        """Tell whether it has a result, or failed."""
        from celery.result import AsyncResult

        return bool(AsyncResult(self.task).ready())


def open_queue() -> Any:
    """Return DVC's queue; its command line lists runs, and cannot put one back."""
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    try:
        return Repo().experiments.celery_queue
    except NotDvcRepoError:
        raise UserError(
            "this is no DVC repository; run this in the folder that has dvc.yaml"
        ) from None


def dead_runs(queue: Any) -> list[BegunRun]:
    """Return the runs that have begun, have not ended, and that no worker has.

    Raises `UserError` where a worker lives and does not say what it has, as in its first seconds.
    """
    begun = [BegunRun(*pair) for pair in queue._iter_processed()]  # noqa: SLF001 (no public way)
    answers = queue.worker_status()
    if len(answers) < living_workers(Path(queue.wdir)):
        raise UserError("a worker of the queue does not answer yet; run this again in a moment")
    at_work = {task["id"] for tasks in answers.values() for task in tasks}
    return [one for one in begun if one.task not in at_work and not one.has_ended]


def living_workers(folder: Path) -> int:
    """Return how many workers of the queue in `folder` are alive."""
    commands = (
        Path(f"/proc/{file.read_text(encoding='ascii').strip()}/cmdline")
        for file in folder.glob("*.pid")
    )
    return sum(command.exists() and b"queue-worker" in command.read_bytes() for command in commands)


def put_back(queue: Any, dead: BegunRun) -> None:
    """Let a run wait again."""
    from dvc.repo.experiments.queue.tasks import run_exp

    with contextlib.suppress(ProcessLookupError):
        queue.proc.kill(dead.entry.stash_rev)  # a training can outlive its worker
    rev = dead.entry.stash_rev
    if rev not in queue.stash.stash_revs:  # a run takes itself out, its name and its parent with it
        said = git(Path(), "log", "-1", "--format=%s", rev)
        git(Path(), "update-ref", "--create-reflog", "-m", f"commit: {said}", queue.ref, rev)
    again = run_exp.s(dead.entry.asdict(), copy_paths=None, message=None)
    queue.celery.signature(again).delay()
    queue.celery.purge(dead.message.delivery_tag)


def main() -> None:
    """Put the dead runs back and say which."""
    command_parser("queue", __doc__).parse_args()
    queue = open_queue()
    dead = dead_runs(queue)
    for one in dead:
        put_back(queue, one)
    if not dead:
        say("queue: no run is dead; dvc queue status lists them all")
        return
    names = ", ".join(one.name for one in dead)
    say(f"queue: {names} had no worker any more and will be run again; start one: dvc queue start")


if __name__ == "__main__":
    run(main)
