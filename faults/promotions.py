"""Kills of a promotion while it writes: params.yaml is the old file or the new one, never half."""

import shutil
import signal
import time
from functools import partial

from faults.attempt import Attempt, Row, promise
from faults.processes import SIGNALS
from stages.params_file import set_values
from tests.repository import stage
from tests.tiny_repository import started, wait_for
from tests.winner import WINNER, make_promotable

DRAFT = ".params.yaml.tmp"
AGAIN_AND_AGAIN = """
import itertools
from pathlib import Path
from stages.params_file import write_values
for number in itertools.count():
    write_values(Path("params.yaml"), {"train.lr": (2e-5, 3e-5)[number % 2]})
    Path("writes").touch()
"""


def kill_promotion(one: Attempt, what: signal.Signals) -> None:
    """Kill `python -m stages.promote` as its draft appears, some microseconds later or sooner."""
    later = one.chance.uniform(0, 3e-4)
    one.what = f"{what.name} of a promotion {later * 1e6:.0f} µs after it began to write"
    repository = one.folder / "repository"
    shutil.copytree(one.base, repository, symlinks=True)
    params, draft = repository / "params.yaml", repository / DRAFT
    old = params.read_text(encoding="utf-8")
    with started(repository, "-m", "stages.promote") as process:
        while not draft.exists() and process.poll() is None:
            pass  # asleep it would miss the draft, which is there for less than a millisecond
        end = time.monotonic() + later
        while time.monotonic() < end:
            pass
        process.send_signal(what)
        process.wait()
    new = set_values(old, WINNER)
    promise(params.read_text(encoding="utf-8") in (old, new), "params.yaml is neither old nor new")
    one.said.append(stage(repository, "promote"))
    promise(params.read_text(encoding="utf-8") == new, "the promotion did not go on")


def kill_writer(one: Attempt, what: signal.Signals) -> None:
    """Kill a process that does nothing but write params.yaml, so that each kill meets a write."""
    moment = one.chance.uniform(0, 0.05)
    one.what = f"{what.name} of what writes params.yaml without a pause, {moment * 1000:.2f} ms on"
    shutil.copy(one.base / "params.yaml", one.folder)
    shutil.copytree(one.base / "stages", one.folder / "stages")
    params = one.folder / "params.yaml"
    old = params.read_text(encoding="utf-8")
    with started(one.folder, "-c", AGAIN_AND_AGAIN) as process:
        wait_for((one.folder / "writes").exists)
        time.sleep(moment)
        process.send_signal(what)
        process.wait()
    allowed = [set_values(old, {"train.lr": lr}) for lr in (2e-5, 3e-5)]
    promise(params.read_text(encoding="utf-8") in allowed, "params.yaml is neither old nor new")


ROWS = {
    "promote": Row(
        "kill -9 and TERM of a promotion while it writes params.yaml",
        make_promotable,
        lambda quick: [
            partial(kind, what=what)
            for kind, many in ((kill_promotion, 5), (kill_writer, 25))
            for what in SIGNALS
            for _ in range(1 if quick else many)
        ],
    )
}
