"""Where a running training is told of beside this repository: W&B, MLflow, TensorBoard, Trackio.

The environment says so and not params.yaml, so that no stage's hash changes with it. The Trainer
tells them, and imports what is asked for alone.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import NamedTuple

from stages.command.errors import UserError
from stages.params import Params, Value, flatten

REPORT_TO = "YOYAK_REPORT_TO"
TRACKERS = ("mlflow", "tensorboard", "trackio", "wandb")
EVENTS = "TENSORBOARD_LOGGING_DIR"
"""transformers' own variable; without it the events would go with the checkpoints."""
UNNAMED = "workspace"
"""What DVC calls the run that is no experiment."""


class Tracking(NamedTuple):
    """What trackers are told of a training before it begins."""

    trackers: tuple[str, ...] = ()
    run: str = UNNAMED
    facts: Mapping[str, Value] = {}
    """Every value of params.yaml, and the revision of Git."""


NOWHERE = Tracking()


def tracking(params: Params, *, run: str) -> Tracking:
    """Return what `YOYAK_REPORT_TO` asks for: names, with commas between them.

    Raises `UserError` for a tracker that is not known, or not installed.
    """
    wanted = os.environ.get(REPORT_TO, "").replace(" ", "")
    names = tuple(name for name in wanted.split(",") if name and name != "none")
    for name in names:
        if name not in TRACKERS:
            raise UserError(f"{REPORT_TO}: {name} is none of {', '.join(TRACKERS)}")
        if find_spec(name) is None:
            raise UserError(f"{REPORT_TO}: {name} is not installed; pip install {name}")
    if not names:
        return NOWHERE
    facts = flatten(params.model_dump()) | {"git_revision": _revision()}
    return Tracking(names, run or experiment_name(), facts)


def experiment_name() -> str:
    """Return the name of the experiment that DVC runs here."""
    return os.environ.get("DVC_EXP_NAME") or UNNAMED


@contextmanager
def events_of(told: Tracking) -> Iterator[None]:
    """Let TensorBoard's events in this block go to a folder of the run's name."""
    before = os.environ.get(EVENTS)
    os.environ[EVENTS] = os.path.join(before or "runs", told.run)  # noqa: PTH118 (or a URL)
    try:
        yield
    finally:
        os.environ.pop(EVENTS)
        if before is not None:
            os.environ[EVENTS] = before


def _revision() -> str:
    command = ["git", "rev-parse", "HEAD"]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""
