"""What every format is read into: messages of people, and counts of what is none."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from stages.chats.phrases import is_deleted, is_system, part_media, strip_edited
from stages.chats.stamps import moments

MEDIA = "photos, files or other media"
DELETED = "deleted messages"
NOTICES = "joins, leaves or other notices"
RULES = "day rules"
HEADERS = "header lines"
EMPTY = "empty messages"


class Message(NamedTuple):
    """What somebody wrote at once."""

    name: str
    text: str
    """Its lines joined with a line feed, as they were written."""
    when: datetime | None = None
    """As the file has it; without dates the days count from 0001-01-01."""


class Chat(NamedTuple):
    """What a file says, or one of several dialogues in it."""

    kind: str
    """Which format it was recognised as."""
    messages: list[Message]
    left_out: Counter[str]
    """How much of each kind is no message: day rules, joins, media, …"""
    unclear: tuple[str, ...] = ()
    """What looks like names of speakers where speakers are tags."""


class Draft(NamedTuple):
    """A message as it stands in a file."""

    name: str
    lines: list[str]
    date: str = ""
    clock: str = ""


def finish(kind: str, drafts: Sequence[Draft], left_out: Iterable[str]) -> Chat:
    """Return the chat of `drafts`, without what stands there in place of words."""
    counts = Counter(left_out)
    messages = []
    times = moments([(draft.date, draft.clock) for draft in drafts])
    for (name, lines, *_), when in zip(drafts, times, strict=True):
        text, without = _words(name.strip(), "\n".join(lines).strip())
        if without:
            counts[without] += 1
        if text:
            messages.append(Message(name.strip(), text, when))
    return Chat(kind, messages, counts)


def _words(name: str, text: str) -> tuple[str, str]:
    """Return the words of a message, and the kind of what else it has; either may be empty."""
    if not text:
        return "", EMPTY
    if is_deleted(text):
        return "", DELETED
    if is_system(name, text):
        return "", NOTICES
    text = strip_edited(text)
    words = part_media(text)
    return words, MEDIA if words != text else ""


def told(left_out: Counter[str]) -> str:
    """Say what was left out, with counts; empty where nothing was.

    >>> told(Counter({"day rules": 2, "deleted messages": 1}))
    'left out: day rules (2), deleted messages (1)'
    """
    counts = ", ".join(f"{kind} ({count:,})" for kind, count in left_out.most_common())
    return counts and f"left out: {counts}"
