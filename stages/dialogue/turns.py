"""The turns of a dialogue: one line each, a speaker's tag, a colon, a blank and the words."""

import re
from typing import NamedTuple

_TURN = re.compile(r"(#Person\w*#):(?: (.*))?")


class Turn(NamedTuple):
    """What one speaker says at a stretch."""

    speaker: str
    """A tag, such as `#Person1#`; empty for words that stand above the first tag."""
    text: str
    """The words, without tag and colon; empty where nothing is said."""

    def __str__(self) -> str:
        """Return the line that the turn is in a dialogue."""
        return f"{self.speaker}: {self.text}".rstrip() if self.speaker else self.text


def split_turns(dialogue: str) -> list[Turn]:
    r"""Cut a repaired dialogue into its turns; joined with `\n` they are the dialogue again.

    >>> split_turns("#Person1#: 안녕하세요.\n#Person2#: 네.")
    [Turn(speaker='#Person1#', text='안녕하세요.'), Turn(speaker='#Person2#', text='네.')]
    """
    matches = ((line, _TURN.fullmatch(line)) for line in dialogue.split("\n"))
    return [Turn(match[1], match[2] or "") if match else Turn("", line) for line, match in matches]
