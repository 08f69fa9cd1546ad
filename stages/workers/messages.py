"""What the owner of a search and its workers say to one another: a job, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from stages.params import Value

TRAINED_WITH = ("tokenize.", "model.", "lora.", "prompt.", "train.", "rouge.")
"""Params that a training depends on."""


@dataclass(frozen=True)
class Job:
    """Params to train, score and save as a DVC experiment."""

    name: str
    """Of the experiment."""
    values: Mapping[str, Value]
    """What differs from params.yaml: `{"train.lr": 0.001}`."""
    trained: Mapping[str, Any] | None = None
    """The entry `train` of a dvc.lock with the very same training, whose model is taken."""


@dataclass(frozen=True)
class TrialResult:
    """What a finished job measured."""

    score: float
    """Dev `rouge_mean`, 0 to 100: the number in metrics/evaluate.json."""
    epochs: list[tuple[float, float]]
    """Epoch, cheap dev score."""
    seconds: float
    """Of the training; 0 where a model was taken."""
    overhead: float
    """Seconds for saving the experiment."""
    examples: int
    """Dialogues trained on, counted as often as they were; 0 where a model was taken."""
    trained: Mapping[str, Any]
    """The entry `train` of the experiment's dvc.lock."""
    weights: str
    """Hash of the folder models/summarizer in DVC's cache."""
    warning: str = ""
    """What `evaluate` says of the predictions; empty where there is nothing to say."""


MessageKind = Literal["ready", "epoch", "done", "pruned", "failed", "disk_full", "died"]


@dataclass(frozen=True)
class WorkerMessage:
    """One line from a worker; `died` is what its owner says of it."""

    kind: MessageKind
    epoch: float = 0.0
    score: float = 0.0
    """`epoch`: after that epoch; the worker waits to hear whether to go on."""
    reason: str = ""
    no_score: bool = False
    """`failed`: by its own params, and not by a machine that lacks memory or the like."""
    seconds: float = 0.0
    examples: int = 0
    """`pruned`, `failed`: what was spent."""
    result: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return the message as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"


def read_result(message: WorkerMessage) -> TrialResult:
    """Return the result that a `done` message carries."""
    content = message.result
    return TrialResult(**content | {"epochs": [(e, s) for e, s in content["epochs"]]})


def key_of(values: Mapping[str, Value]) -> str:
    """Return one hashable name for a set of values; 1 and 1.0 are the same."""
    same = {k: float(v) if isinstance(v, int | float) else v for k, v in values.items()}
    return json.dumps(same, sort_keys=True)


def training_key(values: Mapping[str, Value]) -> str:
    """Name the training that these params, flat, ask for; `generate` takes no part in it."""
    return key_of({k: v for k, v in values.items() if k.startswith(TRAINED_WITH)})
