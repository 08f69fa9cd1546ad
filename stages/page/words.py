"""Names of the metrics as a reader says them."""

import re
from collections.abc import Callable

UNITS = {"source_length": "characters", "summary_length": "characters"}
"""What a slice is measured in, where its values are ranges of something."""

_WHAT_IT_DOES = re.compile(r"^(?:Tell whether|Return) ")
_OUTER_BLANKS = re.compile(r"^ +| +$", re.MULTILINE)


def label(name: str) -> str:
    """Return a name as words.

    >>> label("first_two_turns")
    'First two turns'
    """
    return name.replace("_", " ").capitalize()


def slice_label(name: str) -> str:
    """Return the name of a slice with its unit.

    >>> slice_label("source_length")
    'Source length, characters'
    """
    unit = UNITS.get(name)
    return f"{label(name)}, {unit}" if unit else label(name)


def value_label(value: str) -> str:
    """Return a slice's value with a real dash, and an open range in words.

    >>> value_label("6-10"), value_label("21-"), value_label("work")
    ('6–10', '21 and more', 'work')
    """
    start, dash, end = value.partition("-")
    if not (dash and start.isdigit()):
        return value
    return f"{start}–{end}" if end else f"{start} and more"


def meaning(function: Callable[..., object]) -> str:
    """Return the first sentence of a docstring: the rule's or the error's own words.

    >>> meaning(unfinished)
    'The prediction stops before the end of a sentence.'
    """
    sentence = (function.__doc__ or "").strip().split("\n\n")[0]
    sentence = _WHAT_IT_DOES.sub("", " ".join(sentence.split()))
    return sentence[:1].upper() + sentence[1:]


def visible(text: str, most: int = 240) -> str:
    r"""Return `text` with what nobody sees made visible, cut at `most` characters.

    >>> visible("네.\u200b\x08 ")
    '네.\\u200b\\x08·'
    """
    text = _OUTER_BLANKS.sub(lambda blanks: "·" * len(blanks[0]), text)
    shown = "".join(
        c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
    return shown if len(shown) <= most else f"{shown[:most]}…"
