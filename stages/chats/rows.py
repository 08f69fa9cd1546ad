"""A chat → rows of a data set: one a day, or one for each stretch without a long silence."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import MINYEAR, timedelta
from pathlib import Path
from typing import NamedTuple

from stages.chats.messages import Chat, Message
from stages.chats.reader import tag_chat
from stages.dialogue.names import Tagged

COLUMNS = ("fname", "dialogue", "summary", "topic")

_SAYS_NOTHING = re.compile(r"_chat|chat|\d{4}-\d{2}-\d{2}")
"""Names of files that WhatsApp and Slack give to all their exports; the folder says more."""


class ChatRow(NamedTuple):
    """One dialogue of a chat."""

    name: str
    """Of the file, and the day or the number within it; not yet told from other files'."""
    tagged: Tagged
    turns: int


def rows_of(chats: Iterable[Chat], source: Path, *, gap: int | None) -> Iterator[ChatRow]:
    """Yield the dialogues of a file, parted by days, or by silences above `gap` minutes."""
    parts = [
        chat._replace(messages=part) for chat in chats for part in split_messages(chat, gap=gap)
    ]
    for number, part in enumerate(parts, start=1):
        first = next((message.when for message in part.messages if message.when), None)
        dated = first is not None and first.year > MINYEAR
        label = first.date().isoformat() if first and dated else str(number)
        yield ChatRow(row_name(source, label), tag_chat(part), len(part.messages))


def split_messages(chat: Chat, *, gap: int | None) -> list[list[Message]]:
    """Part messages by days, or by silences above `gap` minutes; without times they stay whole."""
    parts: list[list[Message]] = []
    last = None
    for message in chat.messages:
        when = message.when
        if when and last:
            silence = when - last
            ends = when.date() != last.date() if gap is None else silence > timedelta(minutes=gap)
        else:
            ends = not parts
        if ends:
            parts.append([])
        parts[-1].append(message)
        last = when or last
    return parts


def row_name(source: Path, label: str) -> str:
    """Return the id of a row.

    >>> row_name(Path("내보내기/점심모임.txt"), "2026-11-19"), row_name(Path("-"), "1")
    ('점심모임_2026-11-19', 'dialogue_1')
    """
    stem = source.parent.name if _SAYS_NOTHING.fullmatch(source.stem) else source.stem
    name = unicodedata.normalize("NFC", stem).strip(" -") or "dialogue"
    return f"{name}_{label}"
