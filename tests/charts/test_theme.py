"""Colours that the colour-blind tell apart, and that can be read."""

import math
from collections.abc import Iterator, Mapping
from itertools import combinations

import pytest

from benchmarks import search_picture
from stages.charts.search import KINDS
from stages.charts.theme import palette
from stages.page.compared import _VERDICTS

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
OF_DATA = ("ink", "muted", "floor", "accent", "best", "second", "third", "fault")
LEAST = 15
"""CIE 1976 colour difference; 2.3 is just noticeable side by side."""


def linear(color: str) -> list[float]:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    """Return CIELAB of linear sRGB under D65."""

    def root(t: float) -> float:
        return math.cbrt(t) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29

    r, g, b = (min(max(c, 0.0), 1.0) for c in rgb)
    x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
    y = root(0.2126 * r + 0.7152 * g + 0.0722 * b)
    z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(color: str, sight: str) -> tuple[float, float, float]:
    rgb = linear(color)
    return lab([sum(a * b for a, b in zip(row, rgb, strict=True)) for row in SIGHT[sight]])


def contrast(one: str, other: str) -> float:
    """Return WCAG's ratio."""
    lights = [
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True))
        for x in (one, other)
    ]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_of_data_are_told_apart(sight: str, theme: int) -> None:
    colors = {name: seen(palette()[name][theme], sight) for name in OF_DATA}
    near = {pair: math.dist(*(colors[name] for name in pair)) for pair in combinations(OF_DATA, 2)}
    assert {pair: far for pair, far in near.items() if far < LEAST} == {}


def test_red_and_green_of_one_lightness_would_not_be() -> None:
    reds = [seen(color, "deuteranopia") for color in ("#c0392b", "#7a7a00")]
    assert math.dist(*reds) < LEAST


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_whatever_is_read_has_contrast(theme: int) -> None:
    page = palette()["page"][theme]
    words = ["ink", "muted", "accent", "fault", *(f"speaker{n}" for n in range(1, 8))]
    assert [name for name in words if contrast(palette()[name][theme], page) < 4.5] == []


def marks() -> Iterator[Mapping[str, tuple[str, str]]]:
    yield from (KINDS, _VERDICTS, search_picture.KINDS)


def test_the_same_is_drawn_the_same_in_every_chart() -> None:
    for charts in marks():
        assert len(set(charts.values())) == len(charts)
    assert KINDS["best"] == _VERDICTS["better"] == search_picture.KINDS["its best"]
    assert KINDS["params before the search"] == _VERDICTS["baseline"]
    assert KINDS["ended early"] == search_picture.KINDS["ended early"]
    assert KINDS["search"] == search_picture.KINDS["tried"]
