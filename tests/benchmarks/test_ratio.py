"""Ratios: what a goal means, and what metrics/benchmarks.json says of them."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.__main__ import ALL, merge
from benchmarks.ratio import Ratio, Unit, markdown, medians, processor, read_ratios, run


def ratio(*, value: float = 3.0, goal: float | None = 2.5, unit: Unit = "times as fast") -> Ratio:
    return Ratio(
        "train_speed",
        value,
        goal,
        "a plain Trainer",
        unit,
        "30 a second",
        "10 a second",
        "AMD EPYC, 2 cores",
    )


@pytest.mark.parametrize(
    ("value", "unit", "met", "bound"),
    [
        (3.0, "times as fast", True, "≥ 2.5"),
        (2.0, "times as fast", False, "≥ 2.5"),
        (3.0, "seconds more", False, "≤ 2.5"),
        (2.0, "times the time", True, "≤ 2.5"),
    ],
)
def test_the_unit_says_whether_more_is_better(
    value: float, unit: Unit, *, met: bool, bound: str
) -> None:
    one = ratio(value=value, unit=unit)
    assert (one.met, one.bound) == (met, bound)


def test_a_figure_without_a_goal_is_for_information() -> None:
    one = ratio(goal=None)
    assert (one.met, one.bound) == (True, "")


def test_results_are_merged_with_those_of_other_benchmarks(tmp_path: Path) -> None:
    path = tmp_path / "metrics/benchmarks.json"
    merge(path, [ratio()])
    old = json.loads(path.read_text(encoding="utf-8"))["train_speed"]
    path.write_text(json.dumps({"zeta": old, "train_speed": {}}), encoding="utf-8")
    merge(path, [ratio(value=4.0)])
    content = json.loads(path.read_text(encoding="utf-8"))
    assert list(content) == ["train_speed", "zeta"]
    assert content["train_speed"] == {
        "ratio": 4.0,
        "goal": 2.5,
        "beside": "a plain Trainer",
        "unit": "times as fast",
        "on": "AMD EPYC, 2 cores",
    }


def test_the_table_for_the_readme_has_a_line_for_each() -> None:
    *_, line = markdown([ratio()]).splitlines()
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[:2] == ["`train_speed`", "**3** times as fast"]
    assert cells[2:5] == ["≥ 2.5", "30 a second", "10 a second"]
    assert cells[5:] == ["a plain Trainer", "AMD EPYC, 2 cores"]


def test_the_processor_is_named_with_its_cores() -> None:
    name, _, cores = processor().rpartition(", ")
    assert name
    assert cores.split()[0] == str(len(os.sched_getaffinity(0)))


def test_what_a_benchmark_finds_names_the_processor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "ratios.json"
    monkeypatch.setattr("sys.argv", ["x", "--json", str(path)])
    run(lambda: [ratio()], quick={})
    assert [one.on for one in read_ratios(path)] == [processor()]


def test_sides_take_turns_and_their_medians_are_compared() -> None:
    turns: list[str] = []
    values = iter([1.0, 10.0, 5.0, 30.0, 2.0, 20.0])

    def side(name: str) -> float:
        turns.append(name)
        return next(values)

    found = medians({"ours": lambda: side("ours"), "theirs": lambda: side("theirs")}, rounds=3)
    assert turns == ["ours", "theirs"] * 3
    assert found == {"ours": 2.0, "theirs": 20.0}


def test_every_file_that_measures_is_run() -> None:
    assert {"train_speed", "decode_speed", "scale", "noop_repro", "start_up"} <= set(ALL)
    assert "ratio" not in ALL
