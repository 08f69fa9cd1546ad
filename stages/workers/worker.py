"""A worker of a search: trains, scores and saves one experiment after the other in its own clone.

Started by `process.py` in the clone, as `python -m stages.workers.worker`. Jobs come as lines of
JSON on standard input, messages go to standard output. What the stages print goes to the log. It
calls the stages' own functions, so an experiment's files are those that `dvc repro` writes, byte
for byte. torch is imported once.
"""

import json
import os
import queue
import shutil
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import yaml

from stages import evaluate, train
from stages.command.entry import is_disk_full, write_utf8
from stages.command.errors import NoScoreError, UserError
from stages.command.files import read_json
from stages.command.yaml_file import parse_yaml
from stages.comparison.measured import read_curve
from stages.params import Params, flatten, load_params
from stages.params_file import set_values
from stages.paths import DEV_CURVE, SCORE_METRICS, SUMMARIZER, TOKEN_METRICS
from stages.workers.clone import dvc, git
from stages.workers.messages import Job, TrialResult, WorkerMessage, training_key

PARAMS = Path("params.yaml")
LOCK = Path("dvc.lock")
HERE = Path()


class Pruned(Exception):  # noqa: N818 (no error: the owner decided so)
    """The owner ended this training."""


class Channel:
    """Lines to and from the owner. When the owner is gone, so is the worker, and all it started."""

    def __init__(self, incoming: TextIO, outgoing: TextIO) -> None:
        """Read in a thread of its own, for training keeps the main one busy."""
        self.incoming, self.outgoing = incoming, outgoing
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True, name="owner").start()

    def receive(self) -> Any:
        """Wait for the next line and return what it holds."""
        return json.loads(self.lines.get())

    def send(self, message: WorkerMessage) -> None:
        """Send one message."""
        self.outgoing.write(message.line())
        self.outgoing.flush()

    def _listen(self) -> None:
        for line in self.incoming:
            self.lines.put(line)
        os.killpg(os.getpgrp(), signal.SIGKILL)


class JobRunner:
    """Runs jobs; keeps the last model, which jobs that differ in `generate` alone take."""

    def __init__(self, channel: Channel) -> None:
        """Read params.yaml as it stands; a saved experiment restores without starting a search.

        What it has of metrics/tune is older than the search. So its dvc.lock has no params of
        `tune`: `dvc repro` then runs that, and it brings the tables back.
        """
        self.channel = channel
        content = parse_yaml(LOCK.read_text(encoding="utf-8"))
        content["stages"].get("tune", {}).pop("params", None)
        write_lock(content)
        self.text = set_values(PARAMS.read_text(encoding="utf-8"), {"tune.trials": 0})
        self.trained = ""
        self.summarizer: Any = None
        self.start = time.monotonic()
        self.epochs_done = 0.0

    def run(self, job: Job) -> TrialResult:
        """Train, score and save one experiment."""
        PARAMS.write_text(set_values(self.text, job.values), encoding="utf-8")
        params = load_params()
        self.start, self.epochs_done = time.monotonic(), 0.0
        seconds = self._get_model(params, job)
        score, warning = self._evaluate(params)
        saving = time.monotonic()
        save(job.name)
        lock = parse_yaml(LOCK.read_text(encoding="utf-8"))["stages"]["train"]
        epochs = read_curve(DEV_CURVE.read_bytes())
        return TrialResult(
            score=score,
            warning=warning,
            epochs=epochs,
            seconds=round(seconds, 1),
            overhead=round(time.monotonic() - saving, 1),
            examples=examples(epochs[-1][0]) if seconds else 0,
            trained=lock,
            weights=next(o["md5"] for o in lock["outs"] if o["path"] == str(SUMMARIZER)),
        )

    def on_epoch(self, epoch: float, score: float) -> None:
        """Tell the owner the cheap score of an epoch, and leave the training where it says so."""
        self.epochs_done = epoch
        self.channel.send(WorkerMessage("epoch", epoch=epoch, score=score))
        if not self.channel.receive()["go_on"]:
            raise Pruned

    def _get_model(self, params: Params, job: Job) -> float:
        """Make models/summarizer that of these params; return the seconds of training, or 0."""
        key = training_key(flatten(params.model_dump()))
        if key == self.trained:
            return 0.0
        self.let_go()
        seconds = 0.0
        if job.trained is None or not restore(job.trained):
            with train.own_checkpoints(params) as checkpoints:
                try:
                    seconds = train.train_summarizer(
                        params, checkpoints, run=job.name, on_epoch=self.on_epoch
                    )
                except Exception:  # it will not go on: pruned, or without a score
                    shutil.rmtree(checkpoints, ignore_errors=True)
                    raise
        self.trained = key
        return seconds

    def let_go(self) -> None:
        """Give back what the last model held."""
        from stages.model.device import release_memory

        self.trained, self.summarizer = "", None
        release_memory()

    def _evaluate(self, params: Params) -> tuple[float, str]:
        from stages.model.engine import read_summarizer

        if self.summarizer is None or self.summarizer[0] != params.generate.engine:
            engine = params.generate.engine
            summarizer = read_summarizer(SUMMARIZER, engine, keeps_encoded=True)
            self.summarizer = (engine, summarizer)
        warning = evaluate.evaluate_summarizer(self.summarizer[1], params)
        metrics = read_json(SCORE_METRICS, made_by="dvc repro evaluate")
        return float(metrics["rouge_mean"]), warning


def save(name: str) -> None:
    """Save the clone as experiment `name` and hand it to the main repository.

    `tokenize` too, which depends on `lora.rank` in so far as that is 0: with another rank it gives
    what is there.
    """
    dvc(HERE, "exp", "save", "--quiet", "--force", "--name", name, "tokenize", "train", "evaluate")
    found = git(HERE, "for-each-ref", "--format=%(refname)", "refs/exps/*/*/" + name)
    git(HERE, "push", "--quiet", "--force", "origin", f"{found}:{found}")


def restore(trained: Mapping[str, Any]) -> bool:
    """Take a training's outputs from DVC's cache.

    Returns False where they are not there, or where other code, data or params gave them.
    """
    content = parse_yaml(LOCK.read_text(encoding="utf-8"))
    content["stages"]["train"] = trained
    write_lock(content)
    try:
        dvc(HERE, "checkout", "--quiet", "--force", "train")
        return "train" not in json.loads(dvc(HERE, "status", "--json", "train"))
    except UserError:
        return False


def write_lock(content: Mapping[str, Any]) -> None:
    """Write dvc.lock."""
    LOCK.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def examples(epochs: float) -> int:
    """Return how many dialogues so many epochs are."""
    split = read_json(TOKEN_METRICS, made_by="dvc repro tokenize")["train"]
    return round(epochs * int(split["rows"]))


def attempt(runner: JobRunner, job: Job) -> WorkerMessage:
    """Run a job; whatever goes wrong becomes a message."""
    try:
        return WorkerMessage("done", result=asdict(runner.run(job)))
    except Pruned:
        kind, reason, no_score = "pruned", "", False
    except Exception as error:  # noqa: BLE001 (whatever a combination of settings raises)
        kind = "disk_full" if is_disk_full(error) else "failed"
        named = "" if isinstance(error, UserError) else f"{type(error).__name__}: "
        reason, no_score = f"{named}{error}", isinstance(error, NoScoreError)
    runner.let_go()
    seconds = round(time.monotonic() - runner.start, 1)
    spent = examples(runner.epochs_done)
    return WorkerMessage(
        kind,  # type: ignore[arg-type]
        reason=" ".join(reason.split()),
        no_score=no_score,
        seconds=seconds,
        examples=spent,
    )


def main() -> None:
    """Do jobs until the owner is gone."""
    outgoing = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the stages print belongs into the log
    write_utf8()
    channel = Channel(sys.stdin, outgoing)
    import transformers  # noqa: F401 (once, before the first job, and torch with it)

    runner = JobRunner(channel)
    channel.send(WorkerMessage("ready"))
    while True:
        channel.send(attempt(runner, Job(**channel.receive())))


if __name__ == "__main__":
    main()
