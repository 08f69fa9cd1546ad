"""Summaries that may belong to another dialogue."""

import csv
from pathlib import Path

import pytest

from stages.leaks.shingles import bare_text
from stages.leaks.suspects import shared_summaries, shifted_summaries

REAL = Path(__file__).resolve().parents[2] / "../shared/data"

DIALOGUES = [
    "#Person1#: 감기에 걸렸어요.\n#Person2#: 약을 처방해 드릴게요.",
    "#Person1#: 제주도 항공권을 예약하고 싶어요.\n#Person2#: 금요일 항공권이 있습니다.",
    "#Person1#: 수학 시험이 걱정돼.\n#Person2#: 도서관에서 같이 공부하자.",
    "#Person1#: 빨간 치마를 환불해 주세요.\n#Person2#: 영수증이 있으신가요?",
]
SUMMARIES = [
    "#Person1#은 감기에 걸려 약을 처방받는다.",
    "#Person1#은 금요일 제주도 항공권을 예약한다.",
    "#Person1#과 #Person2#는 수학 시험을 위해 도서관에서 공부하기로 한다.",
    "#Person1#은 영수증을 내고 빨간 치마를 환불한다.",
]


def bared(texts: list[str]) -> list[str]:
    return [bare_text(text) for text in texts]


def test_a_summary_of_two_different_dialogues_is_suspect() -> None:
    summaries = ["같은 요약.", "다른 요약.", "같은 요약.", "다른 요약."]
    dialogues = [*DIALOGUES[:3], DIALOGUES[1]]
    assert shared_summaries(dialogues, summaries) == [[0, 2]]


def test_summaries_at_their_own_dialogues_are_not_suspect() -> None:
    assert shifted_summaries(bared(DIALOGUES), bared(SUMMARIES)) == []


def test_summaries_shifted_by_one_row_name_the_dialogue_they_fit() -> None:
    shifts = shifted_summaries(bared(DIALOGUES), bared(SUMMARIES[-1:] + SUMMARIES[:-1]))
    assert [(shift.row, shift.neighbour) for shift in shifts] == [(0, 3), (1, 0), (2, 1), (3, 2)]
    assert all(shift.own < shift.other <= 1 for shift in shifts)


def test_a_summary_without_letters_and_a_single_row_are_not_suspect() -> None:
    summaries = bared(["", "...", "#Person1#", SUMMARIES[3]])
    assert shifted_summaries(bared(DIALOGUES), summaries) == []
    assert shifted_summaries(bared(DIALOGUES[:1]), ["전혀 다른 요약"]) == []
    assert shifted_summaries([], []) == []


def test_real_korean_summaries_are_suspect_only_once_shifted() -> None:
    path = REAL / "ko/train.csv"
    if not path.exists():
        pytest.skip(f"the real dialogues are not here: {path}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    dialogues, summaries = [bared([row[key] for row in rows]) for key in ("dialogue", "summary")]
    assert len(shifted_summaries(dialogues, summaries)) <= 2
    shifts = shifted_summaries(dialogues, summaries[-1:] + summaries[:-1])
    assert len(shifts) >= 0.75 * len(rows)
    assert sum(shift.neighbour == shift.row - 1 for shift in shifts) >= 0.95 * len(shifts)
