"""What a reader would call an error in a summary, beside its score.

Each is a function of dialogue and prediction. Where a rule cannot be sure it says nothing: on the
2,499 real reference summaries at hand none fires on more than one in a hundred.
"""

import re
from collections import Counter
from difflib import SequenceMatcher

from stages.rouge.tokenizers import tokenize

LONGEST_SUMMARY = 376
"""Characters of the longest reference of the competition."""

_MASK = re.compile(r"#[A-Za-z]+\d*#")
_SPEAKER = re.compile(r"#Person\d+#")
_HALF_MASK = re.compile(
    r"#\s?(?:Person|PhoneNumber|Address|DateOfBirth|PassportNumber|SSN|CardNumber|CarNumber|Email)"
    r"|\b(?:Person\d|PhoneNumber|DateOfBirth|PassportNumber|CardNumber|CarNumber)"
    r"|#[A-Za-z]*$"
)
_LONE_PARTICLE = re.compile(r"(?:^|[.!?] )(?:는|은|가|를|을|와|과|에게) ")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_NAME = re.compile(r"[A-Za-z]{2,}")
_TITLES = {"mr", "mrs", "ms", "dr"}
_ENDING = re.compile(r"""(?:[.!?…]|[다요죠까함음임됨])["'”’」』)\]]*$""")

# How Korean reads a number aloud: a dialogue says 세 시 where a summary writes 3시.
_DIGITS = ("", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_ONES = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_BEFORE_NOUNS = {"하나": "한", "둘": "두", "셋": "세", "넷": "네", "스물": "스무"}


def empty(_dialogue: str, prediction: str) -> bool:
    """Tell whether the prediction says nothing at all.

    >>> empty("#Person1#: 네.", " ")
    True
    """
    return not prediction.strip()


def unknown_speaker(dialogue: str, prediction: str) -> bool:
    """Tell whether the prediction names a speaker whom the dialogue does not have.

    >>> unknown_speaker("#Person1#: 네.", "#Person3#가 대답합니다.")
    True
    """
    return not set(_SPEAKER.findall(prediction)) <= set(_SPEAKER.findall(dialogue))


def lost_mask(_dialogue: str, prediction: str) -> bool:
    """Tell whether half a mask is left of one, or only the particle that stood behind it.

    >>> lost_mask("#Person1#: 네.", "#Person1이 대답합니다.")
    True
    >>> lost_mask("#Person1#: 네.", "는 대답합니다.")  # the tag was skipped as a special token
    True
    """
    rest = _MASK.sub("", prediction)
    return bool(_HALF_MASK.search(rest) or _LONE_PARTICLE.search(prediction))


def unknown_number(dialogue: str, prediction: str) -> bool:
    """Tell whether the prediction has a number in digits that the dialogue neither writes nor says.

    >>> unknown_number("#Person1#: 4시에 봐요.", "5시에 만납니다.")
    True
    >>> unknown_number("#Person1#: 세 시에 봐요.", "3시에 만납니다.")
    False
    """
    spoken = dialogue.replace(" ", "")
    return any(
        number.is_integer() and not any(reading in spoken for reading in readings(int(number)))
        for number in _numbers(prediction) - _numbers(dialogue)
    )


def unknown_name(dialogue: str, prediction: str) -> bool:
    """Tell whether the prediction has a word in Latin letters that the dialogue does not have.

    >>> unknown_name("#Person1#: 야 Jimmy, 운동하자.", "Tom은 운동합니다.")
    True
    """
    known = dialogue.lower()
    names = (name.lower() for name in _NAME.findall(_MASK.sub(" ", prediction)))
    return any(name not in known and name not in _TITLES for name in names)


def unfinished(_dialogue: str, prediction: str) -> bool:
    """Tell whether the prediction stops before the end of a sentence.

    >>> unfinished("", "#Person1#은 병원에 가"), unfinished("", "#Person1#은 운동을 함")
    (True, False)
    """
    return _ENDING.search(prediction.rstrip()) is None


def copied(dialogue: str, prediction: str) -> bool:
    """Tell whether half the prediction or more is one run of the dialogue's morphemes.

    >>> copied("#Person1#: 오늘은 팔 운동하는 날이야.", "오늘은 팔 운동하는 날입니다.")
    True
    """
    return 2 * longest_copy(dialogue, prediction) >= max(len(_morphemes(prediction)), 1)


def longest_copy(dialogue: str, prediction: str) -> int:
    """Return the length of the longest run that both have, in morphemes; a mask counts as one."""
    matcher = SequenceMatcher(None, _morphemes(dialogue), _morphemes(prediction), autojunk=False)
    return matcher.find_longest_match().size


def repeating(_dialogue: str, prediction: str) -> bool:
    """Tell whether every fifth run of three morphemes, or more, was there before.

    >>> repeating("", "예약을 확인하고 예약을 확인하고 예약을 확인합니다.")
    True
    """
    morphemes = _morphemes(prediction)
    runs = Counter(zip(morphemes, morphemes[1:], morphemes[2:], strict=False))
    return 5 * (runs.total() - len(runs)) >= max(runs.total(), 1)


def too_long(dialogue: str, prediction: str) -> bool:
    """Tell whether the prediction is longer than the dialogue, or than any known summary."""
    return len(prediction) > min(len(dialogue), LONGEST_SUMMARY)


ERRORS = {
    "empty": empty,
    "unknown_speaker": unknown_speaker,
    "lost_mask": lost_mask,
    "unknown_number": unknown_number,
    "unknown_name": unknown_name,
    "unfinished": unfinished,
    "copied": copied,
    "repeating": repeating,
    "too_long": too_long,
}
"""Each by the name under which the metrics count it."""


def _numbers(text: str) -> set[float]:
    return {float(n) for n in _NUMBER.findall(_THOUSANDS.sub("", _MASK.sub(" ", text)))}


def _morphemes(text: str) -> list[str]:
    """Cut `text`, masks in one piece: five of MeCab's to a mask would be copies and repetitions."""
    pieces = zip(_MASK.split(text), [*_MASK.findall(text), ""], strict=True)
    cut = [m for piece, mask in pieces for m in (*tokenize(piece, "mecab"), mask)]
    return [morpheme for morpheme in cut if morpheme]


def readings(number: int) -> set[str]:
    """Return how `number` is said, in Chinese and, below 100, in Korean numerals.

    >>> sorted(readings(3))
    ['삼', '세', '셋']
    >>> sorted(readings(30))
    ['반', '삼십', '서른']
    >>> readings(15000)
    {'만오천'}
    """
    said = {_chinese(number)}
    if 0 < number < 100:
        tens, ones = divmod(number, 10)
        counted = _TENS[tens] + _ONES[ones]
        said.add(counted)
        said.update(
            counted.removesuffix(word) + short
            for word, short in _BEFORE_NOUNS.items()
            if counted.endswith(word)
        )
    if number == 30:
        said.add("반")  # 세 시 반 is 3시 30분
    return said


def _chinese(number: int) -> str:
    if number == 0:
        return "영"
    groups = []
    for place, unit in enumerate(("", "만", "억", "조")):
        group = number // 10_000**place % 10_000
        digits = zip(map(int, f"{group:04d}"), ("천", "백", "십", ""), strict=True)
        said = "".join(
            ("" if digit == 1 and power else _DIGITS[digit]) + power
            for digit, power in digits
            if digit
        )
        if said:
            groups.append(("" if said == "일" and unit == "만" else said) + unit)
    return "".join(reversed(groups))
