from typing import Any

import pytest

from stages.charts.parallel import parallel
from stages.charts.pictures import charts
from stages.charts.search import KINDS, history, score_over, tried_points
from stages.charts.studies import Study, studies
from stages.charts.vega import english

LR = {"low": 1e-4, "high": 1e-2, "log": True, "step": None}
SPACES = {
    "tune-a": {"train.lr": LR, "train.batch_size": {"choices": [8, 16, 32]}},
    "tune-b": {"generate.num_beams": {"choices": [1, 4]}},
}
FACTS = {"spaces": SPACES, "importance": {"train.lr": 0.9, "train.batch_size": 0.1}}


def row(trial: str, state: str, score: str, source: str, **values: object) -> dict[str, str]:
    searched = {key: "" for space in SPACES.values() for key in space}
    reason = "메모리 부족" if state == "FAIL" else ""
    told = {"trial": trial, "source": source, "state": state, "score": score, "reason": reason}
    return searched | told | {key.replace("__", "."): str(value) for key, value in values.items()}


TRIALS = [
    row("tune-a-0", "COMPLETE", "40.0", "experiment grid-1", train__lr=1e-3, train__batch_size=8),
    row("tune-a-1", "COMPLETE", "0.0", "present params", train__lr=1e-2, train__batch_size=16),
    row("tune-a-2", "PRUNED", "", "search", train__lr=2e-4, train__batch_size=16),
    row("tune-a-3", "COMPLETE", "42.0", "search", train__lr=2e-3, train__batch_size=8),
    row("tune-a-4", "FAIL", "", "search", train__lr=3e-3, train__batch_size=32),
    row("tune-a-5", "RUNNING", "", "search", train__lr=4e-3, train__batch_size=32),
    row("tune-a-6", "COMPLETE", "41.0", "search", train__lr=3e-3, train__batch_size=8),
    row("tune-b-0", "COMPLETE", "43.0", "search", generate__num_beams=4),
]
KIND = {
    "tune-a-0": "experiments",
    "tune-a-1": "params before the search",
    "tune-a-2": "ended early",
    "tune-a-3": "best",
    "tune-a-4": "failed",
    "tune-a-6": "search",
}


@pytest.fixture
def study() -> Study:
    return studies(TRIALS, FACTS)[0]


def points(chart: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {point["trial"]: point for point in chart["data"]["values"]}


def test_every_trial_that_ended_is_in_every_chart_by_its_kind(study: Study) -> None:
    for name, chart in charts(study, english).items():
        if name != "importance":
            kinds = {trial: point["kind"] for trial, point in points(chart).items()}
            assert kinds == KIND, name


def test_kinds_are_told_apart_by_colour_and_shape_in_one_order(study: Study) -> None:
    encoding = tried_points("train.lr", "train.batch_size", study, english)["encoding"]
    for channel, place in (("color", 0), ("shape", 1)):
        scale = encoding[channel]["scale"]
        assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
            kind: KINDS[kind][place] for kind in KINDS
        }
    assert len(set(KINDS.values())) == len(KINDS)


def test_a_score_of_0_has_its_place_and_no_score_one_below(study: Study) -> None:
    shown = points(history(study, english))
    assert shown["tune-a-1"]["at"] == 0.0
    assert shown["tune-a-4"]["at"] < shown["tune-a-2"]["at"] < 0.0
    low, high = history(study, english)["layer"][1]["encoding"]["y"]["scale"]["domain"]
    assert all(low < point["at"] < high for point in shown.values())
    assert "finished 4, ended early 1, failed 1" in history(study, english)["description"]
    assert shown["tune-a-4"]["reason"] == "메모리 부족"


def test_the_best_so_far_goes_by_trials_with_a_score_alone(study: Study) -> None:
    best = {name: point["best"] for name, point in points(history(study, english)).items()}
    scored = {name: score for name, score in best.items() if score is not None}
    assert scored == {"tune-a-0": 40.0, "tune-a-1": 40.0, "tune-a-3": 42.0, "tune-a-6": 42.0}


def test_a_slice_shows_what_was_searched_in_its_order(study: Study) -> None:
    encoding = score_over("train.batch_size", study, english)["encoding"]
    assert encoding["x"]["scale"]["domain"] == ["8", "16", "32"]
    assert score_over("train.lr", study, english)["encoding"]["x"]["scale"]["type"] == "log"


def test_a_line_ends_at_its_score_or_at_its_last_value(study: Study) -> None:
    vertices = parallel(study, english)["data"]["values"]
    last = {one["trial"]: (one["axis"], one["place"]) for one in vertices if one["is_last"]}
    assert last["tune-a-1"] == ("rouge_mean", 0.0)
    assert last["tune-a-3"] == ("rouge_mean", 1.0)
    assert last["tune-a-4"] == ("train.batch_size", pytest.approx(5 / 6))
    assert all(0 <= one["place"] <= 1 for one in vertices)


def test_a_search_over_decoding_is_a_study_of_its_own() -> None:
    training, decoding = studies(TRIALS, FACTS)
    assert list(training.axes) == ["train.lr", "train.batch_size"]
    assert {trial["trial"]: trial["kind"] for trial in decoding.trials} == {"tune-b-0": "best"}
    assert list(charts(decoding, english)) == ["history", "over generate.num_beams", "parallel"]


def test_nothing_searched_is_no_study() -> None:
    assert studies([], {"trials": 0}) == []
