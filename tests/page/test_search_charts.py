from stages.page.search import best_first, finished
from stages.page.search_charts import score_over, search_history, tried_points
from stages.page.vega import ACCENT, BEST, MUTED


def test_what_was_tried_is_told_apart_by_source_with_the_best_in_red() -> None:
    trials = [
        {
            "trial": "a",
            "source": "experiment grid-1",
            "score": 40.0,
            "values": {"lr": 0.1, "batch": 8.0},
        },
        {"trial": "b", "source": "search", "score": 42.0, "values": {"lr": 0.2, "batch": 16.0}},
        {"trial": "c", "source": "search", "score": 41.0, "values": {"lr": 0.3, "batch": 8.0}},
        {"trial": "d", "source": "search", "score": 39.0, "values": {"lr": 0.3, "batch": ""}},
    ]
    drawn = tried_points("lr", "batch", trials)
    points = {row["trial"]: (row["x"], row["y"], row["kind"]) for row in drawn["data"]["values"]}
    assert points == {
        "a": (0.1, 8.0, "other experiments"),
        "b": (0.2, 16.0, "best"),
        "c": (0.3, 8.0, "search"),
    }
    scale = drawn["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "other experiments": MUTED,
        "best": BEST,
        "search": ACCENT,
    }


def test_of_trials_that_all_score_0_one_is_the_best() -> None:
    lines = [
        {"trial": name, "source": "search", "state": "COMPLETE", "score": "0.0", "train.lr": lr}
        for name, lr in (("a", "0.1"), ("b", "0.2"), ("c", "0.3"))
    ]
    trials = finished([*lines, lines[0] | {"state": "FAIL", "score": ""}])
    assert [trial["score"] for trial in trials] == [0, 0, 0]
    history = search_history(trials)["data"]["values"]
    assert [(row["kind"], row["best"]) for row in history] == [
        ("best", 0),
        ("search", 0),
        ("search", 0),
    ]
    over = score_over("train.lr", trials)["data"]["values"]
    assert [row["is_best"] for row in over] == [True, False, False]
    assert [line["score"] for line in best_first([{"score": ""}, *lines])] == ["0.0"] * 3 + [""]
