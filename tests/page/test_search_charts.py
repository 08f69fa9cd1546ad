from stages.page.search_charts import tried_points
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
