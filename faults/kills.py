"""kill -9 and TERM, of a stage and of the dvc that runs it, at seeded moments of every stage."""

import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from faults.attempt import Attempt, Row, Try, promise
from faults.pipeline import STAGES, command, copy, prepare, promise_the_same, seconds_of
from faults.processes import SIGNALS, kill, running, wait_gone, wait_until
from tests.repository import dvc
from tests.tiny_repository import started


def kill_stage(one: Attempt, stage: str, what: signal.Signals) -> None:
    """Kill the stage's own process; `dvc` hears of it, and runs it again when it is asked to."""
    moment = one.chance.uniform(0, seconds_of(one.base, stage).stage)
    one.what = f"{what.name} of {stage} {moment:.2f} s after its start"
    repository = copy(one.base, one.folder)
    find = partial(running, repository, f"stages.{stage}")
    with started(repository, *command(stage)) as process:
        if wait_until(find, process) and not wait_until(_clock(moment), process):
            one.what += " (it had ended)"
        for found in find():
            kill(found, what)
        promise(process.wait(timeout=300) in (0, 255), "dvc ended in another way than it does")
    _go_on(one, repository)


def kill_dvc(one: Attempt, stage: str, what: signal.Signals) -> None:
    """Kill `dvc` itself; its stage must end with it, for the next `dvc` starts another."""
    moment = one.chance.uniform(0, seconds_of(one.base, stage).dvc)
    one.what = f"{what.name} of dvc in {stage} {moment:.2f} s after its start"
    repository = copy(one.base, one.folder)
    with started(repository, *command(stage)) as process:
        if not wait_until(_clock(moment), process):
            one.what += " (it had ended)"
        process.send_signal(what)
        process.wait(timeout=300)
    wait_gone(partial(running, repository, f"stages.{stage}"), stage)
    _go_on(one, repository)


def _go_on(one: Attempt, repository: Path) -> None:
    one.said.append(dvc(repository, "repro"))
    promise_the_same(repository, one.base)


def _clock(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def _each(kind: Callable[..., None], *, quick: bool) -> Sequence[Try]:
    if quick:
        return [partial(kind, stage="train", what=signal.SIGKILL)]
    return [partial(kind, stage=stage, what=what) for stage in STAGES for what in SIGNALS]


ROWS = {
    "stage": Row(
        "kill -9 and TERM of a stage's process, at seeded moments of all seven stages",
        prepare,
        lambda quick: _each(kill_stage, quick=quick),
    ),
    "dvc": Row(
        "kill -9 and TERM of `dvc repro` itself, at seeded moments of all seven stages",
        prepare,
        lambda quick: _each(kill_dvc, quick=quick),
    ),
}
