"""Where in the dialogue each morpheme of a summary stands.

Morphemes are those that ROUGE counts, compared as they are written: `갔` is no source of `가`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stages.dialogue.names import Piece
from stages.dialogue.turns import Turn
from stages.rouge.tokenizers import parts_of_speech

_CONTENT = ("NN", "NP", "NR", "VV", "VA", "MM", "MA", "XR", "SL", "SN", "SH")
_EMPTY = ("NNB",)
"""Dependent nouns, such as `것` and `수`; `NNBC`, the units of counting, do mean something."""


class _Morpheme(NamedTuple):
    text: str
    content: bool
    """Has a meaning, and is not grammar alone."""


class Mark(NamedTuple):
    """A part of a text, and what is to be said of it."""

    text: str
    tag: str = ""
    """The speaker's tag, where the part is a speaker."""
    number: int = 0
    """What connects a morpheme with its sources; 0 where it has none, or is grammar alone."""
    turns: tuple[int, ...] = ()
    """The turns, from 1, in which the morpheme or the speaker is."""


class Sources(NamedTuple):
    """A summary and its dialogue, cut into marked parts; joined they are the texts again."""

    summary: list[Mark]
    turns: list[list[Mark]]


def find_sources(summary: Sequence[Piece], turns: Sequence[Turn]) -> Sources:
    """Mark each morpheme of `summary` that a turn has, and where the turns have it.

    Morphemes with a meaning are numbered in the order of the summary; grammar (josa, endings,
    punctuation), which nearly every turn has, is marked in the summary and has no number.
    """
    spoken = [list(_morphemes(turn.text)) for turn in turns]
    places: dict[_Morpheme, list[int]] = {}
    for number, morphemes in enumerate(spoken, start=1):
        for morpheme in dict.fromkeys(morphemes):
            places.setdefault(morpheme, []).append(number)
    marks, numbers = [], dict[_Morpheme, int]()
    for piece in summary:
        if piece.tag:
            speaks = (i for i, turn in enumerate(turns, start=1) if turn.speaker == piece.tag)
            marks.append(Mark(piece.text, tag=piece.tag, turns=tuple(speaks)))
            continue
        for morpheme in _morphemes(piece.text):
            found = () if morpheme.text.isspace() else tuple(places.get(morpheme, ()))
            if found and morpheme.content:
                numbers.setdefault(morpheme, len(numbers) + 1)
            marks.append(Mark(morpheme.text, number=numbers.get(morpheme, 0), turns=found))
    marked = [[Mark(one.text, number=numbers.get(one, 0)) for one in turn] for turn in spoken]
    return Sources(marks, marked)


def _morphemes(text: str) -> Iterator[_Morpheme]:
    """Cut `text` into morphemes and the blanks between them."""
    at = 0
    for morpheme, kind in parts_of_speech(text):
        start = text.find(morpheme, at)
        if start < 0:  # across a NUL, which is a blank to MeCab
            continue
        if start > at:
            yield _Morpheme(text[at:start], content=False)
        at = start + len(morpheme)
        first = kind.split("+")[0]
        yield _Morpheme(morpheme, content=first.startswith(_CONTENT) and first not in _EMPTY)
    if at < len(text):
        yield _Morpheme(text[at:], content=False)
