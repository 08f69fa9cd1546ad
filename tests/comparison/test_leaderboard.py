from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.comparison.leaderboard import (
    LeaderboardResult,
    check_score,
    rank_correlations,
    read_results,
    spearman,
    write_results,
)

RESULTS = [
    LeaderboardResult("높게", "a" * 40, "2026-11-24", 47.1234, None, '쉼표, "따옴표"\n줄'),
    LeaderboardResult("low", "b" * 40, "2026-11-25", 40.0, 37.5, ""),
    LeaderboardResult("sum", "c" * 40, "2026-11-26", 40.0, None, "=SUM(D2:D3)"),
]


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "leaderboard.csv"
    assert read_results(path) == []
    write_results(RESULTS, path)
    assert path.read_text(encoding="utf-8").startswith("name,rev,date,public,private,note\n")
    assert read_results(path) == RESULTS


def test_a_table_without_a_column_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "leaderboard.csv"
    path.write_text("name,public\nlow,40\n", encoding="utf-8")
    with pytest.raises(UserError, match="the header is not name,rev,date,public,private,note"):
        read_results(path)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("x,y", "row 1 has 2 cells"),
        ("x,y,2026-11-24,abc,,", "row 1: a leaderboard score is a number"),
        ("x,y,2026-11-24,40,,\ub178\ud2b8".encode("cp949"), "line 2 is not UTF-8"),
    ],
)
def test_a_damaged_row_is_named(tmp_path: Path, row: str | bytes, fault: str) -> None:
    path = tmp_path / "leaderboard.csv"
    content = row if isinstance(row, bytes) else row.encode()
    path.write_bytes(b"name,rev,date,public,private,note\n" + content + b"\n")
    with pytest.raises(UserError, match=fault):
        read_results(path)


def test_a_table_that_excel_has_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "leaderboard.csv"
    write_results(RESULTS, path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_results(path) == RESULTS


@pytest.mark.parametrize("text", ["-0.1", "100.5", "nan", "inf", "47,1", ""])
def test_what_is_no_score_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="0 to 100"):
        check_score(text)


@pytest.mark.parametrize(
    ("a", "b", "rho"),
    [
        ([1, 2, 3], [10, 20, 30], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        # 1 - 6·Σd²/(n(n²-1)): d = 0, 1, -1 → 1 - 12/24.
        ([1, 2, 3], [1, 3, 2], 0.5),
        # Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5 → √0.9.
        ([1, 2, 2, 3], [1, 2, 3, 4], 0.9**0.5),
        ([1, 1, 1], [1, 2, 3], None),
    ],
)
def test_spearman(a: list[float], b: list[float], rho: float | None) -> None:
    assert spearman(a, b) == (None if rho is None else pytest.approx(rho))


@given(st.lists(st.floats(0, 100, width=16), min_size=3, max_size=12, unique=True))
def test_only_the_order_counts(scores: list[float]) -> None:
    assert spearman(scores, [score**3 for score in range(len(scores))]) == pytest.approx(
        spearman([2 * score + 1 for score in scores], range(len(scores)))
    )


def test_local_scores_are_ranked_by_what_they_foretell() -> None:
    local = [
        {"mean": 1.0, "test": 9.0, "rare": 1.0, "same": 5.0},
        {"mean": 2.0, "test": 8.0, "rare": 2.0, "same": 5.0},
        {"mean": 3.0, "test": 7.0, "same": 5.0},
        {"mean": 0.0, "test": 0.0, "same": 5.0},
    ]
    assert rank_correlations(local, [44.0, 45.0, 46.0, None]) == {
        "mean": (pytest.approx(1.0), 3),
        "test": (pytest.approx(-1.0), 3),
    }
