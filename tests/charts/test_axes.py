import math

import pytest

from stages.charts.axes import Axis, score_axis, searched_axis


def searched(low: float, high: float, *, log: bool = False, step: float | None = None) -> Axis:
    return searched_axis({"low": low, "high": high, "log": log, "step": step})


@pytest.mark.parametrize(
    ("axis", "labels"),
    [
        (searched(1e-5, 1e-3, log=True), ["1e-5", "3e-5", "1e-4", "3e-4", "1e-3"]),
        (searched(1e-3, 5e-3, log=True), ["0.001", "0.002", "0.005"]),
        (searched(1.2e-4, 1.9e-4, log=True), ["1.2e-4", "1.9e-4"]),
        (searched(1e-8, 1.0, log=True), [*(f"1e-{n}" for n in range(8, 0, -1)), "1e0"]),
        (searched(0.0, 0.3), ["0", "0.1", "0.2", "0.3"]),
        (searched(1, 2, step=1), ["1", "2"]),  # no half layers
        (searched(10, 30, step=10), ["10", "20", "30"]),
        (searched_axis({"choices": [16, 8, "all"]}), ["16", "8", "all"]),  # in their order
    ],
)
def test_an_axis_has_few_labels_as_people_type_them(axis: Axis, labels: list[str]) -> None:
    assert [axis.label(tick) for tick in axis.ticks()] == labels


def test_a_learning_rate_stands_by_its_logarithm() -> None:
    axis = searched(1e-5, 1e-3, log=True)
    assert axis.place(1e-4) == pytest.approx(0.5)
    scale = axis.channel("value", "train.lr")["scale"]
    low, high = scale["domain"]
    assert scale["type"] == "log"
    assert low < 1e-5 < 1e-3 < high
    assert math.log(1e-5 / low) == pytest.approx(math.log(high / 1e-3))


def test_equal_scores_and_no_scores_have_an_axis() -> None:
    assert score_axis([40.0, 40.0]).place(40.0) == 0.5
    assert score_axis([]).ticks() == [0, 20, 40, 60, 80, 100]
    low, high = score_axis([0.0]).channel("at", "score")["scale"]["domain"]
    assert low < 0 < high


def test_rows_without_a_score_stand_below_all_scores_and_apart() -> None:
    axis = score_axis([0.0, 60.0])
    low, _ = axis.channel("at", "score")["scale"]["domain"]
    assert low < axis.foot(1) < axis.foot(0) < 0.0
