"""Measure the noise floor of the present params: how far scores move when only the seed does.

Reads the finished workspace (dvc repro) and the experiments that fit it. Trains what is missing in
DVC's own temporary copies (`dvc exp run --temp`), so that the workspace stays as it is however this
ends; each training is an experiment, and what exists is not trained again. Writes
metrics/noise.json, which Git tracks and stages.compare and stages.promote use.

    python -m stages.noise --seeds 5
    python -m stages.noise --seeds 5 --repeats 3

Seeds count up from train.seed. A repeat trains that first seed again with the same everything: on
a CPU nothing moves; on a GPU it shows what no seed controls.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import write_json
from stages.command.lock import only_one
from stages.command.progress import progress_bar, say
from stages.comparison.measured import Measured, measure
from stages.comparison.noise_floor import NOISE_PREFIX, noise_key, noise_metrics
from stages.experiments.listing import WORKSPACE, Experiment, failure, list_experiments
from stages.experiments.lock_file import SCORED_BY
from stages.paths import NOISE


@dataclass(frozen=True)
class Present:
    """The finished workspace: what the noise floor is of."""

    experiment: Experiment
    measured: Measured

    @property
    def mark(self) -> str:
        """Name all that a training here depends on but for the seed, code included."""
        content = json.dumps([noise_key(self.measured), inputs(self.experiment)])
        return hashlib.sha256(content.encode()).hexdigest()[:8]

    def score_of(self, name: str) -> float | None:
        """Return the score of the experiment of that name, if it was made from the very same."""
        for one in list_experiments():
            found = measure(one, {}) if one.name == name else None
            if found and not found.stale and Present(one, found).mark == self.mark:
                return found.score
        return None


def inputs(experiment: Experiment) -> list[tuple[str, str]]:
    """Return code and data that its score comes from, with their hashes."""
    deps = [experiment.lock.deps.get(stage, {}) for stage in SCORED_BY]
    read = {path: md5 for of_stage in deps for path, md5 in of_stage.items()}
    return sorted((path, md5) for path, md5 in read.items() if path not in experiment.outs)


def read_present() -> Present:
    """Return the workspace, or say that the present params have no score yet."""
    workspace = next(one for one in list_experiments() if one.name == WORKSPACE)
    found = measure(workspace, {})
    if found is None or found.stale:
        raise UserError("the present params have no score of their own yet; run: dvc repro")
    return Present(workspace, found)


def train_seed(seed: int, *, name: str, copied: Sequence[str], anew: bool) -> None:
    """Make an experiment of this seed in a temporary copy; `anew` passes DVC's run cache by."""
    command = [sys.executable, "-m", "dvc", "exp", "run", "--temp", "--name", name]
    command += ["--set-param", f"train.seed={seed}"]
    command += [part for path in copied for part in ("--copy-paths", path)]
    command += ["--force", "--single-item", "train", "evaluate"] if anew else ["evaluate"]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if result.returncode:
        raise UserError(f"seed {seed} failed: {failure(result.stdout + result.stderr)}")


def untracked(paths: Sequence[str]) -> list[str]:
    """Return those inputs that neither Git nor DVC tracks: a temporary copy would lack them.

    Absolute paths it finds. Raises `UserError` for a relative one that leads out of the project.
    """
    found = [path for path in paths if Path(path).exists() and not Path(path).is_absolute()]
    for path in found:
        if not Path(path).resolve().is_relative_to(Path.cwd()):
            raise UserError(
                f"{path} in params.yaml leads out of the project, where a temporary copy of it "
                f"would not find it; write {Path(path).resolve()}"
            )
    return [
        path
        for path in found
        if not Path(f"{path}.dvc").exists()
        and not subprocess.run(["git", "ls-files", path], capture_output=True, check=True).stdout
    ]


def measure_noise(present: Present, *, seeds: int, repeats: int) -> dict[str, Any]:
    """Train what is missing and return what metrics/noise.json is to hold."""
    params, own = present.measured.params, present.measured.score
    first = int(str(params["train.seed"]))
    copied = untracked([str(params[key]) for key in ("data.dir", "model.name")])
    others = {first + i: f"{NOISE_PREFIX}{present.mark}-seed{first + i}" for i in range(1, seeds)}
    again = [f"{NOISE_PREFIX}{present.mark}-repeat{i}" for i in range(2, repeats + 1)]
    scores = {}
    with progress_bar() as progress:
        task = progress.add_task("noise", total=len(others) + len(again), note="")
        for seed, name in [*others.items(), *((first, name) for name in again)]:
            progress.update(task, note=name)
            score = present.score_of(name)
            if score is None:
                train_seed(seed, name=name, copied=copied, anew=seed == first)
                score = present.score_of(name)
            if score is None:
                raise UserError(f"{name} was made from other code or data; run: dvc repro")
            scores[name] = score
            progress.advance(task)
    by_seed = {first: own} | {seed: scores[name] for seed, name in others.items()}
    repeated = [own, *(scores[name] for name in again)]
    return noise_metrics(by_seed, repeated, key=noise_key(present.measured))


def _parse() -> argparse.Namespace:
    parser = command_parser("noise", __doc__)
    parser.add_argument("--seeds", type=int, default=5, help="seeds in all, 2 or more (5)")
    parser.add_argument("--repeats", type=int, default=2, help="runs of one seed in all (2)")
    arguments = parser.parse_args()
    if arguments.seeds < 2 or arguments.repeats < 1:
        parser.error("a deviation needs 2 seeds or more; --repeats 1 repeats nothing")
    return arguments


def main() -> None:
    """Measure the noise floor."""
    arguments = _parse()
    with only_one("noise"):
        metrics = measure_noise(read_present(), seeds=arguments.seeds, repeats=arguments.repeats)
        write_json(NOISE, metrics)
    hint = "; every one scored 0, where nothing can move: params that write something will"
    say(
        f"noise: {metrics['mean']:.2f} ± {metrics['deviation']:.2f} over {metrics['n']} seeds; two "
        f"runs must differ by {metrics['least_difference']:.2f} to be more than that ({NOISE})"
        f"{hint if metrics['mean'] == 0 else ''}"
    )


if __name__ == "__main__":
    run(main)
