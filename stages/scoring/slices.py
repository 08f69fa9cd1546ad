"""Where a model is good and where it fails: the score of parts of a split.

A part of few dialogues says little, so that its size and its interval always stand beside it.
Topics are free text, nearly one for each dialogue, and a score by topic would be noise: their words
tell the kinds of everyday dialogue that the competition names.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from stages.dialogue.records import Record
from stages.dialogue.turns import split_turns
from stages.params import Language
from stages.rouge.rouge import Floats, rouge_mean
from stages.scoring.intervals import interval

_TOPIC_WORDS: dict[Language, dict[str, str]] = {
    "ko": {
        "treatment": (
            "병원 의사 진료 진찰 건강 치과 치료 치통 감기 수술 환자 증상 처방 약국 다이어트 "
            "금연 질병 알레르기 통증 응급 간호 의료 검진 임신 스트레스 부상"
        ),
        "school": (
            "학교 수업 시험 공부 대학 강의 과제 숙제 졸업 선생 교수 교육 학생 학습 유학 도서관 "
            "논문 장학금 전공 동아리 학기 입학 영어"
        ),
        "work": (
            "직장 회사 업무 취업 면접 일자리 채용 계약 회의 월급 급여 승진 비즈니스 이력서 사업 "
            "구직 직업 직원 사무 동료 해고 퇴사 퇴직 출장 고용 인사 프로젝트 사장 근무 거래 "
            "무역 은행 투자"
        ),
        "travel": (
            "여행 호텔 비행기 항공 공항 관광 버스 택시 기차 지하철 교통 세관 비자 체크인 "
            "체크아웃 숙박 길 휴가 예약 운전 렌트 좌석 객실 룸서비스"
        ),
        "shopping": (
            "쇼핑 구매 구입 가격 환불 교환 할인 주문 옷 의류 드레스 신발 재킷 선물 계산 가게 "
            "매장 판매 시장 흥정 영수증 배송 상품 물건 슈퍼마켓 백화점"
        ),
        "leisure": (
            "영화 음악 운동 취미 파티 게임 스포츠 주말 독서 콘서트 공연 축구 농구 야구 테니스 "
            "수영 댄스 춤 여가 저녁 식사 음식 요리 식당 레스토랑 카페 커피 술 데이트 생일 결혼 "
            "친구 가족 애완동물 텔레비전 TV 뉴스 캠핑 소풍 축제 크리스마스 초대 사진 박물관"
        ),
    },
    "en": {
        "treatment": (
            "doctor hospital medic health dentist tooth sick illness disease symptom diagnos "
            "clinic surgery pharmac prescription allerg pain flu fever diet smoking pregnan "
            "stress injur ambulance nurs patient emergency headache insomnia cough"
        ),
        "school": (
            "school class exam college universit course homework student study teacher professor "
            "education graduat library thesis scholarship campus lecture essay semester english "
            "learning"
        ),
        "work": (
            "job work interview business office company employ contract career salary resume "
            "promotion colleague boss meeting project trade negotiat bank loan invest position "
            "resign retire sales market insurance account"
        ),
        "travel": (
            "travel trip hotel flight airport plane tour taxi bus train subway traffic passport "
            "visa customs check-in check-out vacation direction way reservation booking room "
            "driving luggage seat rent"
        ),
        "shopping": (
            "shop buy purchas price refund exchang discount order cloth dress shoe jacket gift "
            "store bargain receipt deliver supermarket goods sale mall pay"
        ),
        "leisure": (
            "movie film music hobb party sport weekend concert game football basketball tennis "
            "swim danc dinner lunch breakfast meal food cook restaurant cafe coffee drink wine "
            "date dating birthday wedding marri friend famil pet tv television news camp picnic "
            "festival christmas holiday invit photo museum exercise book reading love"
        ),
    },
}
"""Words of each kind, in English their beginnings; the first kind that has a word of the topic
takes it (건강 식품 구매)."""


class Slice(NamedTuple):
    """The dialogues that are alike in one respect; scores 0 to 100."""

    slice: str
    value: str
    n: int
    rouge_mean: float
    low: float
    high: float


def score_slices(
    records: Sequence[Record],
    truncated: Sequence[bool],
    per_dialogue: Floats,
    *,
    language: Language,
) -> list[Slice]:
    """Return the score of each part of a split, cut in six ways.

    `truncated[i]` says whether the model saw less than the whole of dialogue `i`; `per_dialogue` is
    `(dialogue, 3)` from 0 to 1. Every way of cutting covers all dialogues; parts without a dialogue
    are left out.
    """
    ways = {"topic": [topic_group(record.topic, language) for record in records]}
    ways |= {name: [value(record) for record in records] for name, value in _WAYS.items()}
    ways["truncated"] = ["yes" if cut else "no" for cut in truncated]
    return [
        _part(name, value, per_dialogue[np.array(values) == value])
        for name, values in ways.items()
        for value in sorted(set(values), key=_order)
    ]


def speakers(record: Record) -> str:
    """Return how many speak, `2` to `7`."""
    return str(len({turn.speaker for turn in split_turns(record.dialogue)}))


def turns(record: Record) -> str:
    """Return the number of turns, as a range: `6-10`."""
    return _range(len(split_turns(record.dialogue)), (0, 6, 11, 16, 21))


def source_length(record: Record) -> str:
    """Return the dialogue's length in characters, as a range: `250-499`."""
    return _range(len(record.dialogue), (0, 250, 500, 750, 1000))


def summary_length(record: Record) -> str:
    """Return the mean length of the references in characters, as a range: `50-99`."""
    lengths = [len(summary) for summary in record.summaries]
    return _range(round(sum(lengths) / len(lengths)), (0, 50, 100, 150, 200))


_WAYS: dict[str, Callable[[Record], str]] = {
    "speakers": speakers,
    "turns": turns,
    "source_length": source_length,
    "summary_length": summary_length,
}


def _part(name: str, value: str, per_dialogue: Floats) -> Slice:
    return Slice(name, value, len(per_dialogue), rouge_mean(per_dialogue), *interval(per_dialogue))


def _range(number: int, starts: tuple[int, ...]) -> str:
    """Return the range that `number` lies in; `starts` are where ranges begin, the last is open.

    >>> _range(7, (0, 6, 11)), _range(11, (0, 6, 11))
    ('6-10', '11-')
    """
    at = int(np.searchsorted(starts, number, side="right")) - 1
    end = str(starts[at + 1] - 1) if at + 1 < len(starts) else ""
    return f"{starts[at]}-{end}"


def _order(value: str) -> tuple[int, str]:
    start = value.partition("-")[0]
    return (int(start) if start.isdigit() else 0, value)


def topic_group(topic: str, language: Language) -> str:
    """Return treatment, school, work, travel, shopping or leisure; `other` where no word tells.

    >>> topic_group("호텔 방 예약", "ko"), topic_group("UFO와 외계인", "ko")
    ('travel', 'other')
    >>> topic_group("See a doctor", "en"), topic_group("daily casual talk", "en")
    ('treatment', 'other')
    """
    before, searched = (" ", f" {topic.lower()}") if language == "en" else ("", topic)
    for group, words in _TOPIC_WORDS[language].items():
        if any(f"{before}{word}" in searched for word in words.split()):
            return group
    return "other"
