"""The noise floor: how far scores move although no param but the seed does."""

import hashlib
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.special import stdtrit

from stages.command.files import DAMAGE, damaged
from stages.comparison.measured import Measured
from stages.experiments.git import tracked_text
from stages.paths import CLEAN_METRICS, NOISE, SCORE_METRICS

NOISE_PREFIX = "noise-"
"""How the names of the experiments begin that it is measured with."""


@dataclass(frozen=True)
class NoiseFloor:
    """What metrics/noise.json says; see `noise_metrics`."""

    key: str
    least_difference: float

    def between(self, seeds: int, others: int) -> float:
        """Return the difference of two means over so many seeds that noise alone explains."""
        return self.least_difference * math.sqrt((1 / seeds + 1 / others) / 2)


def noise_key(measured: Measured) -> str:
    """Name all that the noise floor depends on: params but for the seed, data and scorer."""
    params = {key: value for key, value in measured.params.items() if key != "train.seed"}
    data = {
        name: split.get("md5")
        for name, split in measured.metrics.get(str(CLEAN_METRICS), {}).items()
    }
    signature = measured.metrics.get(str(SCORE_METRICS), {}).get("signature")
    content = json.dumps([params, data, signature], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def least_difference(deviation: float, freedom: int) -> float:
    """Return what two single runs must differ by to be more than noise (95%, two-sided).

    `t · deviation · √2`, with Student's t for the deviation's degrees of freedom.
    """
    return float(stdtrit(freedom, 0.975)) * deviation * math.sqrt(2)


def noise_metrics(
    seeds: Mapping[int, float], repeats: Sequence[float], *, key: str
) -> dict[str, Any]:
    """Return what metrics/noise.json holds, in points of `rouge_mean`.

    `seeds` is seed → score, two or more; `repeats` are the scores of one seed, trained repeatedly.
    `deviation` is the sample standard deviation over seeds, and `least_difference` what two single
    runs must differ by to be more than that noise: see `least_difference`.
    """
    scores = list(seeds.values())
    deviation = statistics.stdev(scores)
    return {
        "mean": round(statistics.mean(scores), 4),
        "deviation": round(deviation, 4),
        "least_difference": round(least_difference(deviation, len(scores) - 1), 4),
        "repeat_deviation": round(statistics.stdev(repeats), 4) if len(repeats) > 1 else None,
        "n": len(scores),
        "n_repeats": len(repeats),
        "seeds": {str(seed): score for seed, score in seeds.items()},
        "repeats": list(repeats),
        "fingerprint": key,
    }


def read_noise(path: Path = NOISE) -> NoiseFloor | None:
    """Return the noise floor, if it was ever measured."""
    text = tracked_text(path)
    if text is None:
        return None
    try:
        content = json.loads(text)
        return NoiseFloor(content["fingerprint"], float(content["least_difference"]))
    except DAMAGE as error:
        raise damaged(path, error, made_by="python -m stages.noise") from None
