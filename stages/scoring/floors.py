"""What predictions score that took no model: a score means something only beside them."""

from stages.dialogue.turns import split_turns
from stages.params import Language

CONSTANT: dict[Language, str] = {
    "ko": "#Person1#과 #Person2#는 이야기를 나누고 있습니다.",
    "en": "#Person1# and #Person2# are talking.",
}
"""Fits nearly every dialogue and says nothing of any."""


def constant(_dialogue: str, language: Language) -> str:
    """Return one sentence for every dialogue."""
    return CONSTANT[language]


def first_two_turns(dialogue: str, _language: Language) -> str:
    r"""Return the first two turns with their tags.

    >>> first_two_turns("#Person1#: 네.\n#Person2#: 아니요.\n#Person1#: 왜요?", "ko")
    '#Person1#: 네. #Person2#: 아니요.'
    """
    return " ".join(map(str, split_turns(dialogue)[:2]))


def longest_turn(dialogue: str, _language: Language) -> str:
    r"""Return the turn with the most characters, the first of several, with its tag.

    >>> longest_turn("#Person1#: 네.\n#Person2#: 아니요.\n#Person1#: 왜요?", "ko")
    '#Person2#: 아니요.'
    """
    return max(map(str, split_turns(dialogue)), key=len, default="")


FLOORS = {"constant": constant, "first_two_turns": first_two_turns, "longest_turn": longest_turn}
"""Each by the name that it has in `metrics/floors.json`."""
