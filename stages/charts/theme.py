"""The colours of all pages and charts."""

import re
from functools import cache
from pathlib import Path

_COLOR = re.compile(r"--(\w+): (?:light-dark\()?(#\w{6})(?:, (#\w{6})\))?;")


def theme() -> str:
    """Return the CSS in which the colours stand."""
    return (Path(__file__).parent / "theme.css").read_text(encoding="utf-8")


@cache
def palette() -> dict[str, tuple[str, str]]:
    """Return each colour in the light and in the dark.

    >>> palette()["page"], palette()["best"]
    (('#ffffff', '#15181c'), ('#d55e00', '#d55e00'))
    """
    return {name: (light, dark or light) for name, light, dark in _COLOR.findall(theme())}
