"""One kind of everyday conversation, read from a file in scenes/.

A file has three parts, parted by lines of `---`. Lines that begin with `#` are notes.

**Words**, drawn once a dialogue:

    thing: 모자, 장갑                one of these; `topic` becomes the column `topic`
    day, other: DAYS                 two different ones; DAYS stands in scenes/words.txt
    fruit | price                    one of the rows that follow
      사과 | 5천 원; 6천 원           in a cell, one of the words between `; `

**Turns**, read from top to bottom:

    A: 안녕하세요. / 어서 오세요.    a turn of role A, in one of the phrasings between ` / `
    ? B: 날씨가 좋네요.             a turn that is left out half of the time
    why = 비가 와서 / 비 때문에      a fact for later lines and summaries, rephrased at each use
    [  |  ]                        alone on a line: one of several passages, any of them empty

**Summaries**, a phrasing a line.

Everywhere `<a|b>` is one of the two, and `{thing:을}` a word or fact with its josa. `{A:은}` is the
tag of role A; the role that speaks first is `#Person1#`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SCENES = Path(__file__).parent / "scenes"
TURN = re.compile(r"(?P<optional>\? )?(?P<role>[A-D]): (?P<text>.+)")
FACT = re.compile(r"(?P<name>[a-z_]+) = (?P<text>.+)")


@dataclass(frozen=True)
class Turn:
    """What one role says."""

    role: str
    text: str
    optional: bool


@dataclass(frozen=True)
class Fact:
    """What a passage settles, for later turns and the summaries."""

    name: str
    text: str


@dataclass(frozen=True)
class Choice:
    """Passages of which one is played."""

    passages: tuple["Passage", ...]


Passage = tuple[Turn | Fact | Choice, ...]


@dataclass(frozen=True)
class Words:
    """Names of slots, and the rows of which one fills them all."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    apart: bool
    """Each name takes a row of its own, no two the same."""


@dataclass(frozen=True)
class Scene:
    """A file of scenes/, read."""

    name: str
    words: tuple[Words, ...]
    turns: Passage
    summaries: tuple[str, ...]


def read_scenes(folder: Path = SCENES) -> list[Scene]:
    """Read every scene, in the order of their paths."""
    shared = {words.names[0]: words for words in _read_words(_lines(folder / "words.txt"), {})}
    return [_read_scene(path, shared) for path in sorted(folder.glob("*/*.txt"))]


def _read_scene(path: Path, shared: Mapping[str, Words]) -> Scene:
    lines = _lines(path)
    first, second = (i for i, line in enumerate(lines) if line == "---")
    return Scene(
        name=path.stem,
        words=tuple(_read_words(lines[:first], shared)),
        turns=_read_passage(map(str.strip, lines[first + 1 : second]))[0],
        summaries=tuple(lines[second + 1 :]),
    )


def _lines(path: Path) -> list[str]:
    lines = map(str.rstrip, path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _read_words(lines: Sequence[str], shared: Mapping[str, Words]) -> Iterator[Words]:
    heads = [i for i, line in enumerate(lines) if not line.startswith(" ")]
    for start, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        if ": " in lines[start]:
            names, _, words = lines[start].partition(": ")
            rows = [row for word in words.split(", ") for row in _rows_of(word, shared)]
            yield Words(tuple(names.split(", ")), tuple(rows), apart=True)
        else:
            cells = tuple(tuple(row.strip().split(" | ")) for row in lines[start + 1 : end])
            yield Words(tuple(lines[start].split(" | ")), cells, apart=False)


def _rows_of(word: str, shared: Mapping[str, Words]) -> tuple[tuple[str, ...], ...]:
    return shared[word].rows if word in shared else ((word,),)


def _read_passage(lines: Iterator[str]) -> tuple[Passage, str]:
    """Read up to the `|` or `]` that ends the passage; return it with what ended it."""
    passage: list[Turn | Fact | Choice] = []
    for line in lines:
        if line in {"|", "]"}:
            return tuple(passage), line
        if line == "[":
            passages, end = [], "|"
            while end == "|":
                inner, end = _read_passage(lines)
                passages.append(inner)
            passage.append(Choice(tuple(passages)))
        elif turn := TURN.fullmatch(line):
            passage.append(Turn(turn["role"], turn["text"], optional=bool(turn["optional"])))
        elif fact := FACT.fullmatch(line):
            passage.append(Fact(fact["name"], fact["text"]))
        else:
            raise ValueError(f"a turn, a fact or a bracket was expected, got {line!r}")
    return tuple(passage), ""
