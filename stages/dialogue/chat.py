r"""What a person types or pastes → dialogues whose speakers are tagged; and tags back to names.

One turn a line: `민수: 점심 먹자.` or `#Person1#: 점심 먹자.` A line without a speaker goes on
with the turn above it; blank lines mean nothing. A line of hyphens, `---`, ends a dialogue and
begins the next. A model knows only tags: in what it wrote the names come back.
"""

import re
from typing import NamedTuple

from stages.command.errors import UserError
from stages.dialogue.josa import with_josa
from stages.dialogue.repair.rules import repair
from stages.dialogue.turns import split_turns

LONGEST = 1_000_000
"""Bytes of input that are read; a dialogue of the competition has at most 2,650 characters."""

MOST_SPEAKERS = 7
"""The masks end with `#Person7#`."""

FORM = "write one turn a line, such as '민수: 안녕하세요.' or '#Person1#: 안녕하세요.'"

_BETWEEN_DIALOGUES = re.compile(r"^[^\S\n]*-{3,}[^\S\n]*$", re.MULTILINE)
# `오후 3:30에 봐` and `https://` have a colon and no speaker.
_SPEAKER = re.compile(
    r"^[^\S\n]*([^\s:：#\d](?:[^:：#\n]{0,18}[^\s:：#])?)[^\S\n]*"
    r"(?:(?<!\d)[:：]|[:：](?!\d))(?!//)",
    re.MULTILINE,
)
_DATE = r"\d{4}(?:년|[-./]) ?\d{1,2}(?:월|[-./]) ?\d{1,2}(?:일|\.)?,? "
_CLOCK = r"(?:(?:오전|오후|AM|PM) )?\d{1,2}:\d{2}(?::\d{2})?(?: ?(?:AM|PM))?"
# KakaoTalk writes `[민수] [오후 3:05] 네.` on a computer and `2024년 3월 1일 오후 3:05, 민수 : 네.`
# on a phone; other messengers `[15:05] 민수: 네.`
_STAMPED_NAME = re.compile(rf"^\[([^\]\n]{{1,20}})\] \[{_CLOCK}\] ?", re.MULTILINE)
_TIME = rf"(?:{_DATE})?{_CLOCK}"
_STAMP = re.compile(rf"^(?:\[{_TIME}\]|{_TIME}),? (?=[^\n]*[:：])", re.MULTILINE)
_TAG = re.compile(r"#Person(\d+)#")


class Tagged(NamedTuple):
    """A dialogue whose speakers are tags."""

    dialogue: str
    names: dict[str, str]
    """The name behind each tag; empty where the dialogue came with tags."""
    unclear: tuple[str, ...] = ()
    """What looks like names of speakers in a dialogue with tags; read as part of the turn above."""


def decode_text(content: bytes, *, place: str) -> str:
    """Return the text that `content` is in UTF-8; raises `UserError` where it is too long or none.

    `place` is what the message calls it: a file's name, or `standard input`.
    """
    if len(content) > LONGEST:
        fault = f"has more than {LONGEST:,} bytes; give fewer dialogues at a time"
        raise UserError(f"{place} {fault}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = f"is not UTF-8 text (byte {error.start + 1}); save it as UTF-8"
        raise UserError(f"{place} {fault}") from None
    if "\0" in text:
        raise UserError(f"{place} has NUL bytes, so it is no text; {FORM}")
    return text


def split_dialogues(text: str) -> list[str]:
    r"""Cut a text at its lines of hyphens; an empty piece is no dialogue.

    >>> split_dialogues("민수: 네.\n---\n지영: 네.\n---\n")
    ['민수: 네.', '지영: 네.']
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pieces = (piece.strip() for piece in _BETWEEN_DIALOGUES.split(text))
    return [piece for piece in pieces if piece]


def tag_dialogues(text: str, *, place: str) -> list[Tagged]:
    """Return the dialogues of a text with their speakers tagged; all of them, or `UserError`."""
    dialogues = split_dialogues(text)
    if not dialogues:
        raise UserError(f"{place} has no dialogue; {FORM}")
    tagged = []
    for number, dialogue in enumerate(dialogues, start=1):
        try:
            tagged.append(tag_speakers(dialogue))
        except UserError as error:
            where = dialogue_place(place, number) if len(dialogues) > 1 else place
            raise UserError(f"{where}: {error}") from None
    return tagged


def dialogue_place(place: str, number: int) -> str:
    """Return how a message names one of the dialogues of a place, counted from 1."""
    return f"{place}, dialogue {number}"


def tag_speakers(text: str) -> Tagged:
    r"""Repair a dialogue as `clean` does, with speakers' names made tags in their order.

    >>> tag_speakers("민수: 먹자.\n지영: 좋아, 민수야!").dialogue
    '#Person1#: 먹자.\n#Person2#: 좋아, 민수야!'
    >>> tag_speakers("민수: 먹자.\n지영: 좋아, 민수야!").names
    {'#Person1#': '민수', '#Person2#': '지영'}

    Times before the names, as messengers write them, are left out. A line without a speaker goes on
    with the turn above it. Raises `UserError` where nobody speaks,
    or more speakers than there are tags.
    """
    if not text.strip():
        raise UserError(f"the dialogue is empty; {FORM}")
    text = _STAMP.sub("", _STAMPED_NAME.sub(r"\1: ", text))
    dialogue, names = repair(text), dict[str, str]()
    found = dict.fromkeys(match[1] for match in _SPEAKER.finditer(text))
    unclear = tuple(found)
    if not _spoken(dialogue):
        unclear = ()
        names = {f"#Person{i}#": name for i, name in enumerate(found, start=1)}
        tags = {name: tag for tag, name in names.items()}
        dialogue = repair(_SPEAKER.sub(lambda match: f"{tags[match[1]]}:", text))
    speakers = _spoken(dialogue)
    if not speakers:
        raise UserError(f"nobody speaks in {text.strip()[:40]!r}; {FORM}")
    if len(speakers) > MOST_SPEAKERS:
        listed = ", ".join(names.get(speaker, speaker) for speaker in speakers)
        raise UserError(
            f"there are {len(speakers)} speakers ({listed[:200]}) and a model knows at most "
            f"{MOST_SPEAKERS}; leave some out, or split the dialogue"
        )
    return Tagged(dialogue, names, unclear)


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


def _spoken(dialogue: str) -> list[str]:
    """Return the speakers in the order of their first turns; none where no turn has words."""
    turns = split_turns(dialogue)
    return list(dict.fromkeys(turn.speaker for turn in turns if turn.speaker and turn.text))
