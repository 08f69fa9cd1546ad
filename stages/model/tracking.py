"""Where a running training is told of beside this repository: W&B, MLflow, TensorBoard, Trackio.

The environment says so and not params.yaml, so that no stage's hash changes with it. The Trainer
tells them, and imports what is asked for alone.
"""

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from stages.command.errors import UserError
from stages.command.progress import say
from stages.params import Params, Value, flatten

REPORT_TO = "YOYAK_REPORT_TO"
TRACKERS = ("mlflow", "tensorboard", "trackio", "wandb")
EVENTS = "TENSORBOARD_LOGGING_DIR"
"""transformers' own variable; without it the events would go with the checkpoints."""
INTEGRATIONS = "transformers.integrations.integration_utils"
"""Where transformers has the callbacks that tell trackers."""
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

    Raises `UserError` for a tracker that is not known, not installed or cannot be imported.
    """
    wanted = os.environ.get(REPORT_TO, "").replace(" ", "")
    names = tuple(name for name in wanted.split(",") if name and name != "none")
    for name in names:
        if name not in TRACKERS:
            raise UserError(f"{REPORT_TO}: {name} is none of {', '.join(TRACKERS)}")
        if find_spec(name) is None:
            raise UserError(f"{REPORT_TO}: {name} is not installed; pip install {name}")
        try:
            import_module(name)
        except Exception as error:  # noqa: BLE001 (whatever does not fit what else is installed)
            raise UserError(
                f"{REPORT_TO}: {name} cannot be imported ({_reason(error)}); pip install -U {name}"
            ) from None
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


def guard(callbacks: Iterable[Any]) -> None:
    """Let none of the trackers among the callbacks of a Trainer end a training that has begun.

    One that fails as the training begins, for want of a key or of a server, raises `UserError`; one
    that fails later is said once and told no more.
    """
    for callback in callbacks:
        if type(callback).__module__ == INTEGRATIONS:
            _guard(callback)


def _guard(callback: Any) -> None:
    name = type(callback).__name__.removesuffix("Callback")
    has_failed = False

    def guarded(event: str, tell: Callable[..., None]) -> Callable[..., None]:
        def tell_or_not(*args: Any, **kwargs: Any) -> None:
            nonlocal has_failed
            try:
                if not has_failed:
                    tell(*args, **kwargs)
            except Exception as error:
                if event == "on_train_begin":
                    raise UserError(
                        f"{REPORT_TO}: {name} could not begin ({_reason(error)}); mend that, or "
                        f"train without {REPORT_TO}"
                    ) from error
                has_failed = True
                say(
                    f"train: {name} failed ({_reason(error)}) and is told no more; training goes on"
                )

        return tell_or_not

    for event in [one for one in dir(callback) if one.startswith("on_")]:
        setattr(callback, event, guarded(event, getattr(callback, event)))


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _revision() -> str:
    command = ["git", "rev-parse", "HEAD"]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""
