"""What a cell holds → text: numbers as ids, lists of references, dialogues as lists of turns.

JSON and Parquet have lists of their own. In CSV a list is written into the cell, as pandas does:
it is parsed, or refused, and never passes for one text.
"""

import ast
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

_STRING = r"""(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_LIST = re.compile(rf"[\[(]\s*{_STRING}\s*(?:,\s*{_STRING}\s*)*,?\s*[\])]")
_LOOKS_LIKE_LIST = re.compile(r"""[\[(]\s*(?:b?['"].*['"]|\{.*\})\s*,?\s*[\])]""", re.DOTALL)
_SPEAKERS = ("speaker", "participantID", "speaker_id", "speakerID", "participant", "name", "role")
_WORDS = ("utterance", "text", "content", "message", "original_form", "form")
_BLANKS = re.compile(r"\s+")

Turns = list[tuple[str, str]]
"""Who speaks, and the words."""


class CellError(ValueError):
    """A cell that cannot be read; the message says what it holds and what it should."""


def text_of(value: Any) -> str:
    """Return a cell's text; a whole number without a point, for tables make one of ids.

    >>> text_of(13810001.0), text_of(None), text_of(" 네 ")
    ('13810001', '', ' 네 ')
    """
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            raise CellError(f"there is {value} where a text was expected")
        case float() if value != value:  # NaN, an empty cell of pandas
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case list() if len(value) > 0:
            return text_of(value[0])  # of several topics the first
        case list():
            return ""
    raise CellError(f"there is a {type(value).__name__} where a text was expected")


def texts_of(value: Any) -> list[str]:
    """Return the texts of a cell: a list's, or that of a list written as text, or the one.

    >>> texts_of(["가", "나"]), texts_of("['가', '나']"), texts_of("[속보] 가")
    (['가', '나'], ['가', '나'], ['[속보] 가'])
    """
    if isinstance(value, str):
        parsed = _parse_list(value)
        return [value] if parsed is None else [text_of(one) for one in parsed]
    if isinstance(value, list):
        return [text_of(one) for one in value]
    return [text_of(value)]


def dialogue_of(value: Any) -> str | Turns:
    r"""Return a dialogue as its text, or where the cell is a list of turns as these.

    >>> dialogue_of([{"speaker": "A", "utterance": "네."}])
    [('A', '네.')]
    >>> dialogue_of("['#Person1#: 네.', '#Person2#: 응.']")
    '#Person1#: 네.\n#Person2#: 응.'
    """
    given = _parse_list(value) if isinstance(value, str) else value
    if given is None or not isinstance(given, list):
        return text_of(value)
    if all(isinstance(turn, dict) for turn in given):
        return [_turn(turn) for turn in given]
    return "\n".join(_one_line(text_of(turn)) for turn in given)


def _turn(turn: dict[str, Any]) -> tuple[str, str]:
    speaker = next((turn[key] for key in _SPEAKERS if key in turn), None)
    words = next((turn[key] for key in _WORDS if key in turn), None)
    if speaker is None or words is None:
        raise CellError(
            f"a turn has {', '.join(map(repr, turn)) or 'nothing'} where a speaker and an "
            "utterance were expected"
        )
    return text_of(speaker).strip().rstrip(":：").strip(), _one_line(text_of(words))


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _parse_list(text: str) -> Sequence[Any] | None:
    """Return the list that a text is; None where it is none."""
    text = text.strip()
    if not _LOOKS_LIKE_LIST.fullmatch(text):
        return None
    # Strings without a comma between, as numpy writes them, would be one to Python's parser.
    if _LIST.fullmatch(text) or "{" in text:
        for parse in (json.loads, ast.literal_eval):
            try:
                parsed = parse(text)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                continue
            if isinstance(parsed, list | tuple):
                return list(parsed)
    raise CellError(
        f"there is a list that cannot be read, {text[:40]!r}; give each text a column of its own "
        "(summary1, summary2, …), or write the table as JSON"
    )
