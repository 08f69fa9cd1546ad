import json
import math
from pathlib import Path

import pytest

from stages.comparison.noise_floor import NoiseFloor, noise_metrics, read_noise


def test_the_least_difference_is_students_t_times_the_deviation_of_a_difference() -> None:
    # Deviation of 29, 30, 31 is 1; t(0.975, 2) = 4.303 (any table); 4.3027 · √2 = 6.0849.
    metrics = noise_metrics({1: 29.0, 2: 30.0, 3: 31.0}, [29.0, 29.0], key="ab")
    assert metrics == {
        "mean": 30.0,
        "deviation": 1.0,
        "least_difference": 6.0849,
        "repeat_deviation": 0.0,
        "n": 3,
        "n_repeats": 2,
        "seeds": {"1": 29.0, "2": 30.0, "3": 31.0},
        "repeats": [29.0, 29.0],
        "fingerprint": "ab",
    }


def test_the_published_runs_of_the_field() -> None:
    # shared/competition.md and facts.md: the same config and seed gave 27.95 and 28.46.
    metrics = noise_metrics({1: 29.1, 2: 29.8}, [27.95, 28.46], key="")
    assert metrics["repeat_deviation"] == pytest.approx(0.51 / math.sqrt(2), abs=1e-4)


def test_one_run_repeats_nothing() -> None:
    assert noise_metrics({1: 29.0, 2: 30.0}, [29.0], key="")["repeat_deviation"] is None


def test_many_seeds_have_the_t_of_their_number() -> None:
    # t(0.975, 39) = 2.0227 (any table).
    scores = {seed: float(seed % 2) for seed in range(40)}
    metrics = noise_metrics(scores, [], key="")
    assert metrics["least_difference"] == pytest.approx(
        2.0227 * math.sqrt(2) * metrics["deviation"], abs=1e-3
    )


def test_means_of_four_runs_need_half_the_difference() -> None:
    noise = NoiseFloor("", 1.2)
    assert noise.between(1, 1) == pytest.approx(1.2)
    assert noise.between(4, 4) == pytest.approx(0.6)


def test_it_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "noise.json"
    assert read_noise(path) is None
    metrics = noise_metrics({1: 29.0, 2: 30.0}, [], key="ab")
    path.write_text(json.dumps(metrics), encoding="utf-8")
    assert read_noise(path) == NoiseFloor("ab", metrics["least_difference"])
