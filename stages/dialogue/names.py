"""Speakers' names → the tags that a model knows; and tags back to names in what it wrote."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from stages.dialogue.josa import with_josa
from stages.dialogue.repair.characters import (
    break_at_html,
    break_at_written_line_ends,
    compose_syllables,
)
from stages.dialogue.repair.rules import repair
from stages.dialogue.turns import split_turns

MOST_SPEAKERS = 7
"""The masks end with `#Person7#`."""

_TAG = re.compile(r"#Person(\d+)#")
_NUMBERED = r"(?:person|사람) ?\d+"
_LOOKS_LIKE_TAG = re.compile(
    rf"(?<![#＃])[#＃]++ ?({_NUMBERED})(?: ?[#＃]++)?|({_NUMBERED}) ?[#＃]++", re.IGNORECASE
)


class Tagged(NamedTuple):
    """A dialogue whose speakers are tags."""

    dialogue: str
    names: dict[str, str]
    """The name behind each tag; empty where the dialogue came with tags."""
    unclear: tuple[str, ...] = ()
    """What looks like names of speakers in a dialogue with tags; read as part of the turn above."""


def tag_turns(turns: Iterable[tuple[str, str]]) -> Tagged:
    r"""Return the dialogue of names and what each said, with names made tags in their order.

    >>> tag_turns([("민수", "먹자."), ("지영", "좋아,\n민수야!")]).dialogue
    '#Person1#: 먹자.\n#Person2#: 좋아, 민수야!'
    >>> tag_turns([("민수", "먹자."), ("지영", "좋아, 민수야!")]).names
    {'#Person1#': '민수', '#Person2#': '지영'}

    It is repaired as `clean` does. What looks like a tag in the words loses its hashes: `#Person2#`
    would be the second speaker. The eighth speaker is `#Person8#`; see `crowd`.
    """
    tags: dict[str, str] = {}
    lines = []
    for name, text in turns:
        known = compose_syllables(" ".join(name.split()))
        tag = tags.setdefault(known, f"#Person{len(tags) + 1}#")
        lines.append(f"{tag}: {_one_line(text)}")
    return Tagged(repair("\n".join(lines)), {tag: name for name, tag in tags.items()})


def _one_line(text: str) -> str:
    parts = break_at_html(break_at_written_line_ends(text)).splitlines()
    line = " ".join(part.strip() for part in parts if part.strip())
    return _LOOKS_LIKE_TAG.sub(lambda tag: tag[1] or tag[2], line)


def spoken(dialogue: str) -> list[str]:
    """Return the speakers in the order of their first turns; none where no turn has words."""
    turns = split_turns(dialogue)
    return list(dict.fromkeys(turn.speaker for turn in turns if turn.speaker and turn.text))


def crowd(speakers: int) -> str:
    """Return a sentence on more speakers than there are masks; empty where there are not.

    >>> crowd(8)
    '8 speakers, and the masks end with #Person7#: the tags of the others are words to a model'
    """
    if speakers <= MOST_SPEAKERS:
        return ""
    last = f"#Person{MOST_SPEAKERS}#"
    return (
        f"{speakers} speakers, and the masks end with {last}: the tags of the others are words to "
        "a model"
    )


class Piece(NamedTuple):
    """A part of a summary."""

    tag: str
    """The speaker's tag; empty for a text between speakers."""
    text: str
    """What a reader sees of it."""


def name_pieces(summary: str, names: dict[str, str]) -> list[Piece]:
    """Cut a summary into speakers, by their names, and the texts between them.

    >>> [piece.text for piece in name_pieces("#Person1#은 간다.", {"#Person1#": "민수"})]
    ['', '민수', '는 간다.']

    Each josa is in the form that the name needs; a tag without a name stays.
    """
    pieces = _TAG.split(summary)
    named = [Piece("", pieces[0])]
    for number, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        tag = f"#Person{number}#"
        name = names.get(tag, tag)
        text = with_josa(name, rest) if tag in names else tag + rest
        named += [Piece(tag, text[: len(name)]), Piece("", text[len(name) :])]
    return named


def name_speakers(summary: str, names: dict[str, str]) -> str:
    """Put names in place of tags, each josa in the form that the name needs.

    >>> name_speakers("#Person1#은 #Person2#와 간다.", {"#Person1#": "민수", "#Person2#": "지영"})
    '민수는 지영과 간다.'

    A tag without a name stays.
    """
    return "".join(piece.text for piece in name_pieces(summary, names))
