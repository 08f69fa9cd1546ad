"""Every benchmark runs on next to nothing; how fast it is, no test says."""

import csv
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch

from benchmarks import (
    decode_speed,
    gpu,
    leak_search,
    lora_speed,
    noop_repro,
    scale,
    scoring_speed,
    start_up,
    train_score,
    train_speed,
)
from benchmarks.processes import python
from benchmarks.ratio import Ratio
from benchmarks.repository import ROWS, SMALL
from tests.toy_project import make_project

TINY: dict[str, Callable[[], list[Ratio]]] = {
    "scoring_speed": partial(scoring_speed.measure, dialogues=4, rounds=1),
    "leak_search": partial(leak_search.measure, sample=2, rows=20),
    "train_speed": partial(train_speed.measure, rows=8, epochs=1, batch_size=4, rounds=1),
    "train_score": partial(train_score.measure, rows=8, dev_rows=2, epochs=1, seeds=2),
    "decode_speed": partial(
        decode_speed.measure,
        rows=2,
        layers=1,
        d_model=32,
        new_tokens=2,
        scratch_rows=2,
        scratch_steps=1,
        rounds=1,
    ),
    "lora_speed": partial(
        lora_speed.measure,
        rows=4,
        batch_size=2,
        dialogues=2,
        new_tokens=2,
        layers=1,
        rounds=1,
    ),
    "start_up": partial(start_up.measure, rounds=1),
}


def check(ratios: list[Ratio], benchmark: str) -> None:
    assert ratios
    assert len({one.name for one in ratios}) == len(ratios)
    for one in ratios:
        assert one.name.partition(".")[0] == benchmark
        assert math.isfinite(one.ratio)
        assert one.ratio > 0 or benchmark == "train_score"


@pytest.mark.parametrize("benchmark", TINY)
def test_a_benchmark_gives_ratios_under_its_name(benchmark: str) -> None:
    check(TINY[benchmark](), benchmark)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_one_line_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(gpu.measure()) == []
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "gpu: there is no GPU here, so nothing is measured\n",
    )


def test_what_a_gpu_is_measured_by_runs_anywhere() -> None:
    sizes = {"layers": 1, "d_model": 32, "rounds": 1}
    found = [*gpu.training(rows=8, **sizes), gpu.decoding(dialogues=2, new_tokens=2, **sizes)]
    check([*found, gpu.repro(SMALL, rows=ROWS)], "gpu")
    assert [one.goal for one in found] == [8, 3, 4.5, 3, 4]


def test_a_repro_with_nothing_to_do_is_compared_on_the_same_dvc_yaml(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    check(noop_repro.compare(project, tmp_path / "trivial", rounds=1), "noop_repro")
    said = (tmp_path / "trivial/output.txt").read_text(encoding="utf-8")
    assert "up to date" in said


def test_a_project_that_has_something_to_do_is_no_noop(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    text = (project / "dvc.yaml").read_text(encoding="utf-8")
    always = text.replace("    outs: [models/", "    always_changed: true\n    outs: [models/")
    (project / "dvc.yaml").write_text(always, encoding="utf-8")
    with pytest.raises(AssertionError, match="something to do"):
        noop_repro.compare(project, tmp_path / "trivial", rounds=1)


def test_more_rows_have_ids_and_words_of_their_own_and_the_same_tags(tmp_path: Path) -> None:
    scale.write_rows(tmp_path, 13_000)
    with (tmp_path / "data/raw/train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["fname"] for row in rows}) == 13_000
    assert len({row["dialogue"] for row in rows}) > 12_900
    assert all(row["dialogue"].startswith("#Person1#") for row in rows[:50])


def test_a_process_is_measured_and_must_succeed(tmp_path: Path) -> None:
    cost = python(tmp_path, "-c", "x = bytes(64 * 2**20)")
    assert cost.seconds > 0
    assert 64 / 1024 < cost.gib < 64
    with pytest.raises(RuntimeError, match="no such thing"):
        python(tmp_path, "-c", "raise SystemExit('no such thing')")
