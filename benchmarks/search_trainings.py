"""Trainings that a comparison of searches asks for: each is run once, and its curve kept.

Curves stand in the folder `curves/`, by the params and data that gave them.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stages import evaluate, paths, train
from stages.command.files import read_json, write_json
from stages.comparison.measured import read_curve, read_scores
from stages.params import Params
from stages.search.conditions import conditions_here, files_here, short_hash
from stages.search.space import Values, with_values
from stages.workers.messages import key_of
from stages.workers.worker import Pruned, examples


@dataclass(frozen=True)
class Curve:
    """What one training gave."""

    epochs: list[tuple[float, float]]
    """Epoch, cheap dev score."""
    dev: float | None
    """`rouge_mean`; None where the training was ended early."""
    test: float | None


class Trainings:
    """Runs each training once."""

    def __init__(self, params: Params, searched: Sequence[str]) -> None:
        """Take the params, and the keys that change; stages may write in the current folder."""
        self.params = params
        name = short_hash(conditions_here(params, searched, files_here()))
        self.folder = Path("curves") / name
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, values: Values, go_on: Callable[[float, float], bool]) -> Curve:
        """Return the curve as far as `go_on` lets it go."""
        path = self._path(values)
        known = _read(path)
        for place, (epoch, score) in enumerate(known.epochs if known else [], start=1):
            last = bool(known and known.dev is not None and place == len(known.epochs))
            if not last and not go_on(epoch, score):
                return Curve(known.epochs[:place] if known else [], None, None)
        if known and known.dev is not None:
            return known
        return self._train(values, go_on, path, seen=len(known.epochs) if known else 0)

    @property
    def most_examples(self) -> int:
        """Training examples of the longest curve that ended well, which is a whole training's."""
        known = filter(None, map(_read, self.folder.glob("*.json")))
        return examples(max(one.epochs[-1][0] for one in known if one.dev is not None))

    def scores_on_test(self, values: Values) -> Any:
        """Return F1 of each test dialogue, `(dialogue, 3)`, of a training that ended well."""
        return read_scores(self._path(values).with_suffix(".csv").read_bytes())[1]

    def _train(
        self, values: Values, go_on: Callable[[float, float], bool], path: Path, *, seen: int
    ) -> Curve:
        from stages.model.engine import read_summarizer

        params = with_values(self.params, values)
        epochs: list[tuple[float, float]] = []

        def on_epoch(epoch: float, score: float) -> None:
            epochs.append((epoch, score))
            if len(epochs) > seen and not go_on(epoch, score):
                raise Pruned

        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as checkpoints:
                train.train_summarizer(params, Path(checkpoints), on_epoch=on_epoch)
        except Pruned:
            curve = Curve(epochs, None, None)
        else:
            summarizer = read_summarizer(paths.SUMMARIZER, params.generate.engine)
            evaluate.evaluate_summarizer(summarizer, params)
            whole = read_curve((paths.CURVES / "dev.csv").read_bytes())
            dev, test = (
                read_json(file, made_by="dvc repro")["rouge_mean"]
                for file in (paths.SCORE_METRICS, paths.TEST_METRICS)
            )
            shutil.copy(paths.SCORED / "test.csv", path.with_suffix(".csv"))
            curve = Curve(whole, dev, test)
        write_json(path, asdict(curve))
        return curve

    def _path(self, values: Values) -> Path:
        return self.folder / f"{short_hash(key_of(values))}.json"


def _read(path: Path) -> Curve | None:
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return Curve([(e, s) for e, s in content["epochs"]], content["dev"], content["test"])
