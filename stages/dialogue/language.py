"""Which language a text is written in, by its letters."""

import re
from collections.abc import Iterable

from stages.params import Language

_MASK = re.compile(r"#\w+#")
_LETTERS: dict[Language, re.Pattern[str]] = {
    "ko": re.compile("[가-힣]"),
    "en": re.compile("[A-Za-z]"),
}


def language_of(texts: Iterable[str]) -> Language | None:
    """Return the language that most letters are of, masks left out; None where there are none.

    >>> language_of(["#Person1#은 TV를 산다."]), language_of(["#Person1# buys 김치."])
    ('ko', 'en')
    """
    counts: dict[Language, int] = dict.fromkeys(_LETTERS, 0)
    for text in texts:
        bare = _MASK.sub(" ", text)
        for language, letters in _LETTERS.items():
            counts[language] += len(letters.findall(bare))
    most = max(counts, key=lambda language: counts[language])
    return most if counts[most] else None
