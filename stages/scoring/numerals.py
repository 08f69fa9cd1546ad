"""How Korean reads a number aloud: a dialogue says 세 시 where a summary writes 3시."""

_DIGITS = ("", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_ONES = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_BEFORE_NOUNS = {"하나": "한", "둘": "두", "셋": "세", "넷": "네", "스물": "스무"}


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
