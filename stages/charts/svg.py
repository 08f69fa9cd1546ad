"""A chart → an SVG that needs nothing beside it, light or dark as its reader's system is."""

import json
import re

import vl_convert

from stages.charts.theme import palette
from stages.charts.vega import CONFIG, VEGA_LITE, Spec

_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Begins with the font that vl-convert brings along: words are measured alike on every machine."""


def svg(chart: Spec) -> str:
    """Return the picture of a chart that has a width: the same chart gives the same bytes.

    Colours stand as they are in the light, for readers that know no CSS; a rule for each changes
    it in the dark. Words stay words, so that every language is drawn with a font of the reader's.
    Marks must not be clipped: Vega numbers the clips of a whole process.
    """
    legend = {**CONFIG["legend"], "columns": 6}
    config = {**CONFIG, "legend": legend, "font": _FONT, "background": "var(--page)"}
    whole = {**chart, "config": config}
    drawn: str = vl_convert.vegalite_to_svg(_in_the_light(json.dumps(whole)), vl_version=VEGA_LITE)
    head, body = drawn.split(">", 1)
    return f"{head}>{_in_the_dark(body)}{body}\n"


def _in_the_light(text: str) -> str:
    return re.sub(r"var\(--(\w+)\)", lambda found: palette()[found[1]][0], text)


def _in_the_dark(body: str) -> str:
    changes = "".join(
        f'[{part}="{light}"]{{{part}:{dark}}}'
        for light, dark in palette().values()
        for part in ("fill", "stroke")
        if light != dark and f'{part}="{light}"' in body
    )
    return f"<style>@media (prefers-color-scheme:dark){{{changes}}}</style>"
