"""How a number is said: a dialogue says 세 시 or "three o'clock" where a summary writes 3."""

import re

from stages.params import Language

_WORD = re.compile("[a-z]+")

_DIGITS = ("", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_ONES = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_BEFORE_NOUNS = {"하나": "한", "둘": "두", "셋": "세", "넷": "네", "스물": "스무"}

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_BY_TEN = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_SIZES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_NAMES = {
    1: {"a", "an", "once"},
    2: {"twice", "couple", "double", "both", "pair"},
    6: {"half a dozen"},
    12: {"noon", "midnight", "dozen"},
    15: {"quarter"},
    30: {"half"},
    45: {"quarter"},
    50: {"half"},
}
"""Of clocks, shares and counts: half past seven is 7:30."""


def korean_readings(number: int) -> set[str]:
    """Return how `number` is said, in Chinese and, below 100, in Korean numerals.

    >>> sorted(korean_readings(3))
    ['삼', '세', '셋']
    >>> sorted(korean_readings(30))
    ['반', '삼십', '서른']
    >>> korean_readings(15000)
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


def says_number(dialogue: str, number: int, language: Language) -> bool:
    """Tell whether `number` is said in the dialogue, in words.

    >>> says_number("세 시에 봐요.", 3, "ko"), says_number("At half past three.", 30, "en")
    (True, True)
    """
    if language == "ko":
        spoken = dialogue.replace(" ", "")
        return any(reading in spoken for reading in korean_readings(number))
    words = f" {' '.join(_WORD.findall(dialogue.lower()))} "
    words = words.replace(" and ", " ").replace(" a hundred ", " one hundred ")
    words = words.replace(" a thousand ", " one thousand ")
    return any(f" {reading} " in words for reading in english_readings(number))


def english_readings(number: int) -> set[str]:
    """Return how `number` is said, in words with a blank between two, also as the ordinal.

    >>> sorted(english_readings(21))
    ['twenty first', 'twenty one']
    >>> sorted(english_readings(30))
    ['half', 'thirtieth', 'thirty']
    >>> sorted(english_readings(1999))[:2]
    ['nineteen ninety nine', 'nineteen ninety ninth']
    """
    said = {_english(number)}
    hundreds, rest = divmod(number, 100)
    if 10 < hundreds < 100:
        said.add(f"{_english(hundreds)} {_english(rest) if rest else 'hundred'}")
    return said | {_ordinal(words) for words in said} | _NAMES.get(number, set())


def _english(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _BY_TEN[tens - 2] + (f" {_SMALL[ones]}" if ones else "")
    size, name = next(pair for pair in _SIZES if number >= pair[0])
    count, rest = divmod(number, size)
    return f"{_english(count)} {name}" + (f" {_english(rest)}" if rest else "")


def _ordinal(words: str) -> str:
    *before, last = words.split()
    ending = last[:-1] + "ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*before, _ORDINALS.get(last, ending)])
