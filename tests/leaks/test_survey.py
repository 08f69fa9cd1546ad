"""The survey of a training set: the same in one block and in many."""

import pytest

from stages.command.errors import UserError
from stages.dialogue.records import Record
from stages.leaks import survey as module
from stages.leaks.survey import Leak, Survey, rows_to_drop, shared_summaries, survey

DIALOGUES = [
    "#Person1#: 감기에 걸렸어요.\n#Person2#: 약을 처방해 드릴게요.",
    "#Person1#: 제주도 항공권을 예약하고 싶어요.\n#Person2#: 금요일 항공권이 있습니다.",
    "#Person1#: 수학 시험이 걱정돼.\n#Person2#: 도서관에서 같이 공부하자.",
    "#Person1#: 빨간 치마를 환불해 주세요.\n#Person2#: 영수증이 있으신가요?",
    "#Person2#: 감기에 걸렸어요!\n#Person1#: 약을 처방해 드릴게요.",
]
# The last is that of the first.
SUMMARIES = [
    "#Person1#은 감기에 걸려 약을 처방받는다.",
    "#Person1#은 금요일 제주도 항공권을 예약한다.",
    "#Person1#은 영수증을 내고 빨간 치마를 환불한다.",
    "#Person1#과 #Person2#는 수학 시험을 위해 도서관에서 공부하기로 한다.",
    "#Person1#은 감기에 걸려  약을 처방받는다.",
]
TRAIN = [
    Record(f"train_{n}", dialogue, (summary, "둘째 요약"), "일상")
    for n, (dialogue, summary) in enumerate(zip(DIALOGUES, SUMMARIES, strict=True))
]
QUERIES = ["#Person1#: 시험 공부하자.", DIALOGUES[0].lower()]


def surveyed(train: list[Record] = TRAIN, *, grouped: bool = True) -> Survey:
    return survey(train, QUERIES, threshold=0.3, grouped=grouped)


def test_leaks_and_groups_are_found() -> None:
    found = surveyed()
    assert found.leaks == [Leak(1, 0, 1.0, True), Leak(1, 4, 1.0, True)]
    assert found.groups == [0, 1, 2, 3, 0]
    assert found.shared == []  # the two rows of one summary are one text


def test_a_summary_of_two_dialogues_is_shared_however_it_is_spaced() -> None:
    train = [*TRAIN, Record("train_5", "#Person1#: 네.", (SUMMARIES[0] + "\n",), "일상")]
    assert surveyed(train).shared == [[0, 4, 5]]


def test_a_summary_of_two_different_dialogues_is_shared() -> None:
    assert shared_summaries(["a", "b", "c", "b"], ["x", "y", "x", "y"]) == [[0, 2]]


def test_without_groups_the_rest_is_the_same() -> None:
    assert surveyed(grouped=False).groups is None
    assert surveyed(grouped=False).leaks == surveyed().leaks


def test_blocks_change_no_row_number(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = surveyed()
    monkeypatch.setattr(module, "BLOCK_ROWS", 2)
    parted = surveyed()
    assert (parted.leaks, parted.groups, parted.shared) == (whole.leaks, whole.groups, [])


def test_of_no_queries_and_no_suspicion_nothing_is_reported() -> None:
    found = survey(TRAIN[:2], [], threshold=0.3, grouped=True)
    assert found == Survey(leaks=[], groups=[0, 1], shared=[])


@pytest.mark.parametrize(("rows", "dropped"), [(4, {1, 3}), (5, {1, 3})])
def test_up_to_half_of_the_rows_are_dropped(rows: int, dropped: set[int]) -> None:
    leaks = [Leak(0, 1, 0.5, False), Leak(0, 3, 1.0, True), Leak(1, 3, 0.5, False)]
    assert rows_to_drop(leaks, rows=rows, threshold=0.5) == dropped


def test_more_than_half_is_refused_with_the_figure() -> None:
    leaks = [Leak(0, row, 0.25, False) for row in (0, 1)]
    with pytest.raises(UserError, match=r"2 of 3 training rows are at least 0\.2 similar"):
        rows_to_drop(leaks, rows=3, threshold=0.2)
