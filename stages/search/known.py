"""What need not be trained: scores of other experiments, and models that they have trained."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stages.command.cost import read_seconds
from stages.command.yaml_file import parse_yaml
from stages.comparison.measured import read_curve
from stages.experiments.git import git_files
from stages.experiments.listing import WORKSPACE, Experiment, list_experiments, read_output
from stages.params import Params, Value, flatten
from stages.paths import DEV_CURVE, TOKEN_METRICS, TRAIN_METRICS
from stages.search.conditions import DATA, Conditions, conditions_of, differences, files_here
from stages.search.space import Space, inside
from stages.workers.messages import Job, WorkerMessage, read_result, training_key

PRESENT = "present params"
_ORDER = ("workspace", "experiment", "commit")


@dataclass(frozen=True)
class Known:
    """One look at the world: what there is already, so that a search does not do it again.

    `dvc exp show` takes seconds, and the hashes are those of all code: a search looks when it
    begins, and again after trainings.
    """

    experiments: Sequence[Experiment]
    seconds: Mapping[str, float]
    """Of trainings, by the name of the weights that they gave."""
    files: Mapping[str, str]
    """Data and code here, path → hash."""


def look() -> Known:
    """Look at the experiments, what they took, and the working tree."""
    return Known(list_experiments(), read_seconds(), files_here())


@dataclass(frozen=True)
class KnownScore:
    """A comparable experiment, as the study is told of it."""

    name: str
    source: str
    """What the table says: `present params` or `experiment NAME`."""
    values: Mapping[str, Value]
    score: float
    epochs: list[tuple[float, float]]
    """Epoch, cheap dev score."""
    seconds: float
    """Of its training; 0 where another machine trained."""
    examples: int


def find_known(
    known: Known, conditions: Conditions, space: Space
) -> tuple[list[KnownScore], dict[str, str]]:
    """Return the comparable experiments, and of the others name → why not."""
    scores: list[KnownScore] = []
    others: dict[str, str] = {}
    for one in sorted(known.experiments, key=lambda one: (_ORDER.index(one.kind), one.created)):
        if one.rouge_mean is None:
            continue  # not finished, or never scored
        values = {key: one.params.get(key) for key in space}
        reasons = differences(conditions_of(one, space), conditions)
        if one.stale:
            reasons = ["its scores are older than its params or data"]
        elif not reasons and not inside(space, values):
            given = ", ".join(f"{key} {value}" for key, value in values.items())
            reasons = [f"outside tune.space: {given}"]
        if reasons:
            more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
            others |= {one.name: reasons[0] + more} if one.kind == "experiment" else {}
        else:
            source = PRESENT if one.kind == WORKSPACE else f"experiment {one.name}"
            weights = one.metrics.get(str(TRAIN_METRICS), {}).get("weights", "")
            scores.append(
                KnownScore(
                    name=one.name,
                    source=source,
                    values=values,
                    score=one.rouge_mean,
                    epochs=read_curve(read_output(one, DEV_CURVE)),
                    seconds=known.seconds.get(weights, 0.0),
                    examples=_examples(one.metrics),
                )
            )
    return scores, others


class Trainings:
    """Which trainings some experiment has done, so that `generate.` keys never train again."""

    def __init__(self, known: Known) -> None:
        """Take those whose tokens and dev set are those here."""
        self.revs = {
            training_key(one.params): one.rev
            for one in known.experiments
            if one.rouge_mean is not None
            and not one.stale
            and all(one.lock.deps.get("train", {}).get(path) == known.files[path] for path in DATA)
        }
        self.entries: dict[str, Mapping[str, Any]] = {}
        self.running: set[str] = set()

    def job(self, asked: Job, params: Params) -> Job | None:
        """Return the job with the model for its params, if there is one.

        None while another job runs the same training.
        """
        key = training_key(flatten(params.model_dump()))
        if key not in self.entries and key in self.revs:
            self.entries[key] = _train_entry(self.revs[key])
        if key in self.running:
            return None
        if key not in self.entries:
            self.running.add(key)
        return replace(asked, trained=self.entries.get(key))

    def end(self, params: Params, message: WorkerMessage) -> None:
        """Note that the job for these params has ended, and the training that it did."""
        key = training_key(flatten(params.model_dump()))
        self.running.discard(key)
        if message.kind == "done":
            self.entries[key] = read_result(message).trained


def _train_entry(rev: str) -> Mapping[str, Any]:
    here = rev == WORKSPACE
    content = Path("dvc.lock").read_bytes() if here else git_files("dvc.lock", [rev])[rev]
    entry: Mapping[str, Any] = parse_yaml(content.decode("utf-8"))["stages"]["train"]
    return json.loads(json.dumps(entry))  # type: ignore[no-any-return]


def _examples(metrics: Mapping[str, Mapping[str, Any]]) -> int:
    rows = metrics.get(str(TOKEN_METRICS), {}).get("train", {}).get("rows", 0)
    return round(float(metrics.get(str(TRAIN_METRICS), {}).get("epochs", 0)) * int(rows))
