from collections import Counter

import numpy as np
import pytest

from stages.dialogue.records import Record
from stages.scoring.slices import score_slices, topic_group


def record(turns: int, *, speakers: int = 2, topic: str = "", summary: str = "가" * 60) -> Record:
    lines = [f"#Person{1 + i % speakers}#: {'네' * 20}." for i in range(turns)]
    return Record(f"dev_{turns}", "\n".join(lines), (summary,), topic)


RECORDS = [
    record(2, topic="의사 상담"),
    record(7, topic="호텔 방 예약"),
    record(12, speakers=3, topic="UFO와 외계인", summary="가" * 120),
    record(25, topic="택시 타기"),
]
PER_DIALOGUE = np.repeat(np.array([0.1, 0.2, 0.3, 0.4])[:, None], 3, axis=1)
TRUNCATED = [False, False, False, True]


@pytest.fixture(scope="module")
def slices():
    return score_slices(RECORDS, TRUNCATED, PER_DIALOGUE, language="ko")


def test_every_cut_covers_all_dialogues(slices):
    covered = Counter()
    for part in slices:
        covered[part.slice] += part.n
    assert covered == dict.fromkeys(
        ["topic", "speakers", "turns", "source_length", "summary_length", "truncated"], 4
    )


def test_parts_come_in_the_order_of_their_numbers(slices):
    values = {}
    for part in slices:
        values.setdefault(part.slice, []).append((part.value, part.n))
    # A turn is 33 characters: "#Person1#: ", 20 times 네, a full stop, and a line end.
    assert values == {
        "topic": [("other", 1), ("travel", 2), ("treatment", 1)],
        "speakers": [("2", 3), ("3", 1)],
        "turns": [("0-5", 1), ("6-10", 1), ("11-15", 1), ("21-", 1)],
        "source_length": [("0-249", 2), ("250-499", 1), ("750-999", 1)],
        "summary_length": [("50-99", 3), ("100-149", 1)],
        "truncated": [("no", 3), ("yes", 1)],
    }


def test_a_part_has_the_score_of_its_dialogues_and_an_interval(slices):
    scored = {(part.slice, part.value): part for part in slices}
    travel = scored["topic", "travel"]
    assert travel.rouge_mean == pytest.approx(30)
    assert (travel.low, travel.high) == pytest.approx((20, 40))
    alone = scored["truncated", "yes"]
    assert (alone.n, alone.rouge_mean, alone.low, alone.high) == pytest.approx((1, 40, 40, 40))


@pytest.mark.parametrize(
    ("topic", "group"),
    [
        ("감기약 요청", "treatment"),
        ("역사 시험 준비", "school"),
        ("취업 면접", "work"),
        ("비행기 예약", "travel"),
        ("신발 구매", "shopping"),
        ("주말 계획", "leisure"),
        ("", "other"),
    ],
)
def test_topics_fall_into_the_competitions_kinds(topic, group):
    assert topic_group(topic, "ko") == group


@pytest.mark.parametrize(
    ("topic", "group"),
    [
        ("See a doctor", "treatment"),
        ("shopping for shoes", "shopping"),
        ("study abroad", "school"),
        ("a job interview", "work"),
        ("Hotel reservation", "travel"),
        ("birthday party", "leisure"),
        ("daily casual talk", "other"),
        ("carpet", "other"),  # `pet` is the end of it
        ("", "other"),
    ],
)
def test_english_topics(topic, group):
    assert topic_group(topic, "en") == group
