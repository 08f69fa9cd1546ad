r"""What a person types or pastes → dialogues whose speakers are tagged.

One turn a line: `민수: 점심 먹자.` or `#Person1#: 점심 먹자.` A line without a speaker goes on
with the turn above it; blank lines mean nothing. A line of hyphens, `---`, ends a dialogue and
begins the next.
"""

import re

from stages.command.errors import UserError
from stages.dialogue.chat import FORM, Tagged, tag_speakers

LONGEST = 1_000_000
"""Bytes of input that are read; a dialogue of the competition has at most 2,650 characters."""

_BETWEEN_DIALOGUES = re.compile(r"^[^\S\n]*-{3,}[^\S\n]*$", re.MULTILINE)


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
            where = numbered(place, number) if len(dialogues) > 1 else place
            raise UserError(f"{where}: {error}") from None
    return tagged


def numbered(place: str, number: int) -> str:
    """Return how a message names one of the dialogues of a place, counted from 1."""
    return f"{place}, dialogue {number}"
