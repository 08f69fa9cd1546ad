"""Text to tokens: what a score counts."""

from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any, Literal

Tokenizer = Literal["mecab", "whitespace", "character"]

_PACKAGES: dict[Tokenizer, tuple[str, ...]] = {
    "mecab": ("python-mecab-ko", "python-mecab-ko-dic"),
    "whitespace": (),
    "character": (),
}


@lru_cache(maxsize=1 << 16)
def tokenize(text: str, tokenizer: Tokenizer) -> tuple[str, ...]:
    """Cut `text` into tokens; white space is never part of one.

    >>> tokenize("의사는 권장합니다.", "mecab")
    ('의사', '는', '권장', '합니다', '.')
    >>> tokenize("의사는 권장합니다.", "whitespace")
    ('의사는', '권장합니다.')
    >>> tokenize("네, 네.", "character")
    ('네', ',', '네', '.')

    A text is cut once: references come again at every evaluation of a training run.
    """
    match tokenizer:
        case "mecab":
            # MeCab reads C strings: what follows a NUL would be lost without a word.
            return tuple(_mecab().morphs(text.replace("\0", " ")))
        case "whitespace":
            return tuple(text.split())
        case "character":
            return tuple("".join(text.split()))


def parts_of_speech(text: str) -> list[tuple[str, str]]:
    """Return the morphemes of `text`, each with what MeCab-ko says it is.

    >>> parts_of_speech("의사는 권장합니다.")[:3]
    [('의사', 'NNG'), ('는', 'JX'), ('권장', 'NNG')]

    The tags are Sejong's, with a few of mecab-ko-dic's own; one that is several has a `+`.
    """
    pairs: list[tuple[str, str]] = _mecab().pos(text.replace("\0", " "))
    return pairs


def versions(tokenizer: Tokenizer) -> dict[str, str]:
    """Return the packages that decide where `tokenizer` cuts, with their versions.

    >>> versions("mecab")
    {'python-mecab-ko': '1.3...', 'python-mecab-ko-dic': '2.1...'}
    """
    return {package: version(package) for package in _PACKAGES[tokenizer]}


@cache
def _mecab() -> Any:
    # Imported here: whoever scores by words or characters needs no dictionary in memory.
    from mecab import MeCab

    return MeCab()
