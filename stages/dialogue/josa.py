"""Korean particles (josa): close behind their word, in the form that its last sound asks for."""

import re

_FIRST_SYLLABLE, _FINALS, _RIEUL = ord("가"), 28, 8
_DIGITS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
_LATIN_CONSONANTS = {"l": "엘", "m": "엠", "n": "엔", "g": "잉"}
"""How a foreign name is read that ends so: Daniel, Tom, John, King. All others end in a vowel."""
_PAIRS = (
    ("은", "는"),
    ("이", "가"),
    ("을", "를"),
    ("과", "와"),
    ("으로", "로"),
    ("이랑", "랑"),
    ("이나", "나"),
    ("이라", "라"),
)
"""The form after a consonant, and after a vowel."""
_PAIR_OF = {form: pair for pair in _PAIRS for form in pair}
_IRREGULAR = {"나가": "내가", "너가": "네가", "저가": "제가"}
_CHANGING = (
    "은|는|이|가|을|를|(?:과|와)(?:는|도|의)?|으?로(?:부터|서|써)?(?:는|도|의)?|"
    "이?랑|이?나|이?라(?:고|는|며)"
)
_CONSTANT = "(?:에게서?|한테서?|께서?|에서?)(?:는|도|만|의)?|의|도|만|처럼|만큼|부터|까지|조차|마다"
# `#Person1# 만 원을 낸다` and `#Person1# 나 좀` are other words: a count of ten thousand, and "I".
_NO_JOSA = r"(?!만 (?:원|명|개|달러|엔|유로|번|분|시간|킬로|미터|보|장|대|권))(?!나(?![가-힣]))"
_DETACHED = re.compile(rf"(#\w+#)[^\S\n]+{_NO_JOSA}({_CHANGING}|{_CONSTANT})(?![가-힣])")
_FORMS = re.compile(rf"(?:{_CHANGING})(?![가-힣])")


def join_josa(text: str) -> str:
    """Put a josa close to the tag that it belongs to; other words keep their blank.

    >>> join_josa("#Person1# 은 #Person2# 에게 만 원을 준다.")
    '#Person1#은 #Person2#에게 만 원을 준다.'
    >>> join_josa("#Person1# 만 원을 낸다. #Person1# 또한 간다.")
    '#Person1# 만 원을 낸다. #Person1# 또한 간다.'
    """
    return _DETACHED.sub(r"\1\2", text)


def with_josa(word: str, rest: str) -> str:
    """Return `word` and `rest`, and where `rest` begins with a josa, that in the form for `word`.

    >>> with_josa("민수", "은 웃는다."), with_josa("지영", "가 웃는다.")
    ('민수는 웃는다.', '지영이 웃는다.')
    >>> with_josa("서울", "으로 간다."), with_josa("민수", "에게 준다.")
    ('서울로 간다.', '민수에게 준다.')
    """
    josa = _FORMS.match(rest)
    if not josa:
        return word + rest
    form = max((form for form in _PAIR_OF if josa[0].startswith(form)), key=len)
    final = final_consonant(word)
    closed = bool(final) and not (form in {"으로", "로"} and final == _RIEUL)
    joined = word + _PAIR_OF[form][0 if closed else 1] + josa[0].removeprefix(form)
    return _IRREGULAR.get(joined, joined) + rest[josa.end() :]


def final_consonant(word: str) -> int:
    """Return the number of the consonant that `word` ends in as it is read, 0 for a vowel.

    The number is that of Unicode's order of final consonants: 1 is ㄱ, 4 is ㄴ, 8 is ㄹ. Of foreign
    names the last letter decides, which is right more often than not.

    >>> [final_consonant(word) for word in ("지영", "민수", "직원 1", "Tom")]
    [21, 0, 8, 16]
    """
    letters = [letter for letter in word.lower() if letter.isalnum()]
    last = letters[-1] if letters else ""
    if last == "g" and letters[-2:-1] != ["n"]:
        return 0
    read = _DIGITS.get(last) or _LATIN_CONSONANTS.get(last) or last
    return (ord(read[-1]) - _FIRST_SYLLABLE) % _FINALS if "가" <= read[-1:] <= "힣" else 0
