import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from stages.comparison.measured import Measured, average, unlike
from stages.comparison.noise_floor import NoiseFloor, noise_key
from stages.comparison.notes import notes, states_told
from stages.comparison.table import (
    CSV_COLUMNS,
    comparison_csv,
    comparison_table,
    differing_params,
)
from stages.comparison.verdicts import compare, judge
from stages.experiments.listing import Experiment
from stages.experiments.lock_file import NOTHING_RAN
from stages.scoring.intervals import Paired, interval

DIALOGUES = 200
Make = Callable[..., Measured]


@pytest.fixture
def make() -> Make:
    """Return `make(name, gain, **params)`: a result `gain` points above the one of gain 0."""

    def measured(name: str, gain: float, **params: object) -> Measured:
        difficulty = np.random.default_rng(0).uniform(0.2, 0.6, size=(DIALOGUES, 3))
        luck = np.random.default_rng(len(name)).normal(0, 0.02, size=(DIALOGUES, 3))
        per_dialogue = difficulty + luck - luck.mean() + gain / 100
        low, high = interval(per_dialogue)
        changes = {f"train.{key}": value for key, value in params.items()}
        return Measured(
            names=(name,),
            revs=(f"rev-{name}",),
            params={"data.dir": "data/sample", "train.seed": 1, "train.lr": 1e-3} | changes,
            scores=(100 * float(per_dialogue.mean()),),
            low=low,
            high=high,
            ids=tuple(f"dev_{i}" for i in range(DIALOGUES)),
            per_dialogue=per_dialogue,
            seconds=61.4,
            metrics={
                "metrics/evaluate.json": {"signature": "rouge|n:200"},
                "metrics/clean.json": {
                    "dev": {"md5": "d1", "read": 200, "dialogue_characters": 400.5},
                    "train": {"md5": "t1", "read": 900},
                },
            },
            stale=False,
        )

    return measured


def with_metrics(measured: Measured, file: str, **changes: object) -> Measured:
    metrics = {name: dict(content) for name, content in measured.metrics.items()}
    metrics[file] |= changes
    return replace(measured, metrics=metrics)


def test_rows_are_sorted_and_called_by_what_they_are_worth(make: Make) -> None:
    base, better, tie, worse = (
        make("base", 0),
        make("better", 2),
        make("tie", 0.01),
        make("low", -2),
    )
    rows = compare([worse, tie, base, better], baseline=base, noise=None)
    names = [(row.measured.name, row.verdict) for row in rows]
    assert names[0] == ("better", "better")
    assert names[-1] == ("low", "worse")
    assert sorted(names[1:3]) == [("base", "baseline"), ("tie", "tie")]
    assert rows[0].difference
    assert rows[0].difference.difference == pytest.approx(2)


def test_a_significant_difference_within_the_noise_of_seeds_is_a_tie(make: Make) -> None:
    base, better = make("base", 0), make("better", 1)
    noisy = NoiseFloor("any", least_difference=1.5)
    assert compare([better], baseline=base, noise=None)[0].verdict == "better"
    assert compare([better], baseline=base, noise=noisy)[0].verdict == "tie"


def test_means_over_seeds_have_less_noise_than_single_runs(make: Make) -> None:
    noise = NoiseFloor("any", least_difference=1.5)
    base, better = (
        [make(f"{name}{i}", gain) for i in "12"] for name, gain in (("b", 0), ("c", 1.2))
    )
    single = compare([better[0]], baseline=base[0], noise=noise)[0]
    means = compare([average("c", better)], baseline=average("b", base), noise=noise)[0]
    assert (single.verdict, means.verdict) == ("tie", "better")


@pytest.mark.parametrize(
    ("difference", "p", "least", "name"),
    [
        (1.0, 0.01, 0, "better"),
        (-1.0, 0.01, 0, "worse"),
        (1.0, 0.05, 0, "tie"),
        (-1, 0.01, 2, "tie"),
    ],
)
def test_the_verdict_needs_both(difference: float, p: float, least: float, name: str) -> None:
    assert judge(Paired(difference, 0, 0, p), least=least) == name


@pytest.mark.parametrize(
    ("file", "changes", "mark", "compared"),
    [
        ("metrics/evaluate.json", {"signature": "rouge|n:199"}, "other scorer", False),
        ("metrics/clean.json", {"dev": {"md5": "d2", "read": 199}}, "other edition", False),
        (
            "metrics/clean.json",
            {"dev": {"md5": "d2", "read": 200, "dialogue_characters": 400.5}},
            "other data",
            False,
        ),
        ("metrics/clean.json", {"train": {"md5": "t2"}}, "other train", True),
    ],
)
def test_what_was_not_measured_alike_is_marked(
    make: Make, file: str, changes: dict[str, object], mark: str, compared: bool
) -> None:
    base, other = make("base", 0), with_metrics(make("other", 3), file, **changes)
    row = compare([other, base], baseline=base, noise=None)[0]
    assert list(row.marks) == [mark]
    assert (row.difference is not None) == compared
    assert row.verdict == ("better" if compared else "")


def test_stale_or_absent_predictions_are_marked(make: Make) -> None:
    base, other = make("base", 0), make("other", 3)
    stale = compare([replace(other, stale=True)], baseline=base, noise=None)[0]
    absent = compare([replace(other, per_dialogue=None, ids=())], baseline=base, noise=None)[0]
    assert list(stale.marks) == ["stale"]
    assert list(absent.marks) == ["not here"]
    assert stale.difference is absent.difference is None


def test_other_dialogues_under_one_md5_are_noticed(make: Make) -> None:
    base, other = make("base", 0), make("other", 0)
    assert not unlike(other, base)
    assert list(unlike(replace(other, ids=other.ids[::-1]), base)) == ["other data"]


def test_only_params_that_differ_are_shown_short_where_that_is_clear(make: Make) -> None:
    base, other = make("base", 0), make("other", 1, lr=1e-5)
    rows = compare([base, other], baseline=base, noise=None)
    assert differing_params([row.measured.params for row in rows]) == ["train.lr"]
    assert "lr=1e-05" in render(rows)
    twice = replace(other, params={**other.params, "tune.lr": 3})
    assert "train.lr=1e-05 tune.lr=3" in render(
        compare([base, twice], baseline=base, noise=None), width=140
    )


def test_the_table_fits_80_columns_also_with_korean_names(make: Make) -> None:
    base = make("기준", 0, gradient_accumulation_steps=1)
    names = ["높은_학습률로_오래_학습한_실험", "a-name-that-is-much-too-long-for-its-column"]
    others = [make(name, 1, gradient_accumulation_steps=16, lr=1.25e-5) for name in names]
    rows = compare([base, *others], baseline=base, noise=None)
    rows = [replace(row, public=47.1, private=44.9) for row in rows]
    console = Console(width=80)
    lines = console.render_lines(
        comparison_table(rows, floors={"first_two_turns": 24.1}), pad=False
    )
    assert max(sum(segment.cell_length for segment in line) for line in lines) <= 80
    text = render(rows, floors={"first_two_turns": 24.1})
    assert "…" not in re.sub(r"[-+]\d+\.\d+…", "", text), "nothing is cut off"
    assert all(figure in text for figure in ("47.10", "(44.90)", "24.10", "p 0.0001"))


def test_a_single_score_stands_beside_its_floors_and_nothing_else(make: Make) -> None:
    base = replace(make("workspace", 0), scores=(40.0,), low=38.5, high=41.5, seconds=None)
    rows = compare([base], baseline=base, noise=None)
    assert [line.split() for line in render(rows, floors={"a": 19.4, "b": 32.1}).splitlines()] == [
        ["rouge_mean", "verdict"],
        ["workspace", "40.00", "±", "1.50", "baseline"],
        ["38.50–41.50"],
        ["b", "32.10", "floor"],
        ["a", "19.40", "floor"],
    ]


def test_several_seeds_show_mean_deviation_and_sum_of_seconds(make: Make) -> None:
    base = make("base", 0)
    one = average("trial 7", [make("s1", 1, seed=1), make("s2", 2, seed=2), make("s3", 3, seed=3)])
    assert one.score == pytest.approx(base.score + 2)
    assert one.seconds == pytest.approx(184.2)
    assert "train.seed" not in one.params
    text = render(compare([one, base], baseline=base, noise=None))
    assert "seeds ± 1.00, n 3" in text
    assert "+2.00" in text


def test_seeds_on_other_dialogues_are_not_averaged(make: Make) -> None:
    one, other = make("s1", 0), make("s2", 0)
    with pytest.raises(ValueError, match="same dialogues"):
        average("both", [one, replace(other, ids=other.ids[1:])])


def test_csv_has_all_digits_and_the_whole_names_of_params(make: Make) -> None:
    base, other = make("base", 0), make("other", 1, lr=1e-5)
    header, lines = comparison_csv(compare([base, other], baseline=base, noise=None))
    assert header == [*CSV_COLUMNS, "train.lr"]
    assert [len(line) for line in lines] == [len(header)] * 2
    row = dict(zip(header, lines[0], strict=True))
    assert row["name"] == "other"
    assert row["rouge_mean"] == other.score
    assert row["train.lr"] == 1e-5
    assert row["verdict"] == "better"


def test_brackets_are_shown_as_they_are(make: Make) -> None:
    base, other = make("base", 0, optim=["a", "b"]), make("[bold]x", 1, optim=["red"])
    text = render(compare([base, other], baseline=base, noise=None))
    assert "[bold]x" in text
    assert "optim=['red']" in text


def test_runs_without_a_score_are_listed() -> None:
    failed = Experiment(
        name="bad",
        rev="0" * 40,
        kind="experiment",
        state="failed",
        params={},
        metrics={},
        lock=NOTHING_RAN,
        stale=False,
        created="2026-11-24T10:00:00",
        error="no room",
    )
    runs = [failed, replace(failed, name="later", state="queued", error="")]
    assert list(states_told(runs)) == ["queued: later", "failed: bad (no room)"]


def test_the_notes_say_whether_the_noise_was_measured_with_these_params(make: Make) -> None:
    base, other = make("base", 0), make("other", 1, lr=1e-5)
    for mark, expected in ((noise_key(base), False), ("other", True)):
        noise = NoiseFloor(mark, least_difference=0.5)
        text = " ".join(map(str, notes(compare([base, other], baseline=base, noise=noise), noise)))
        assert "within the 0.50 points" in text
        assert ("other params" in text) == expected


def test_the_notes_name_the_local_score_that_ranks_like_the_leaderboard(make: Make) -> None:
    gains = {"a": (0, 44.0), "b": (1, 46.0), "c": (2, 45.0), "d": (3, None)}
    rows = []
    for name, (gain, public) in gains.items():
        one = make(name, gain)
        scores = {"rouge_mean": one.score, "rouge2": public or 0}
        one = with_metrics(one, "metrics/evaluate.json", **scores)
        rows += [replace(compare([one], baseline=None, noise=None)[0], public=public)]
    (sentence,) = map(str, notes(rows, None))
    assert "with 3 public results (with so few, all may be chance)" in sentence
    assert sentence.endswith("dev rouge2 +1.00, dev rouge_mean +0.50.")
    (sentence,) = map(str, notes(rows[:2], None))
    assert sentence.startswith("2 results of the public leaderboard: 3 at least")


def render(rows: list, *, floors: dict[str, float] | None = None, width: int = 80) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(comparison_table(rows, floors=floors or {}))
    return capture.get()
