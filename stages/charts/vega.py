"""Parts of charts in Vega-Lite, the language in which DVC draws its own plots.

Colours are the CSS variables of theme.css: on the page a chart follows the theme without being
drawn anew, and `stages.charts.svg` puts the colours themselves in their place.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Say = Callable[..., str]
"""From an English text, with `{names}` in it and their values, to that of the reader's language."""
Spec = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

INK, MUTED, FAINT, LINE = "var(--ink)", "var(--muted)", "var(--floor)", "var(--line)"
PAGE, ACCENT, BEST, FAULT = "var(--page)", "var(--accent)", "var(--best)", "var(--fault)"
SECOND, THIRD, SOFT = "var(--second)", "var(--third)", "var(--soft)"
VEGA_LITE = "6.4"

CONFIG: Spec = {
    # Marks are not read out one by one: a chart has one description, in its reader's language.
    "mark": {"aria": False},
    "font": "system-ui, sans-serif",
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "aria": False,
        "labelColor": MUTED,
        "titleColor": MUTED,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
    },
    "legend": {
        "aria": False,
        "labelColor": INK,
        "labelFontSize": 12,
        "orient": "top",
        "title": None,
        "symbolStrokeWidth": 2,
        "symbolOpacity": 1,
    },
    "title": {
        "aria": False,
        "color": INK,
        "subtitleColor": MUTED,
        "anchor": "start",
        "fontSize": 14,
    },
    "header": {"aria": False, "labelColor": INK, "labelFontSize": 12},
    "line": {"strokeWidth": 2},
}


def english(text: str, **values: object) -> str:
    """Return the English text with its values.

    >>> english("{n} seeds", n=3)
    '3 seeds'
    """
    return text.format(**values)


def spec(description: str, values: Rows, **rest: Any) -> Spec:
    """Return a chart as wide as its place; `rest` are its mark and encoding, or its layers."""
    size = {"width": "container", "height": 220, "autosize": {"type": "fit", "contains": "padding"}}
    return {"description": description, "data": {"values": values}, **size, **rest}


def sentence(description: str, words: str) -> Spec:
    """Return what stands where there is nothing to draw."""
    mark = {"type": "text", "text": words, "color": MUTED, "fontSize": 12}
    return spec(description, [{}], mark=mark, encoding={}) | {"height": 60}


def number(field: str, title: str, *, zero: bool = True) -> Spec:
    """Return an axis of numbers."""
    axis = {"title": title, "tickCount": 6}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": zero}}


def colors(field: str, colors: Mapping[str, str]) -> Spec:
    """Return a colour, or a shape, for each value of a field, with its legend."""
    scale = {"domain": list(colors), "range": list(colors.values())}
    return {"field": field, "type": "nominal", "scale": scale}


def when(test: str, yes: str, no: str) -> Spec:
    """Return the one where an expression over `datum` holds, and the other elsewhere."""
    return {"condition": {"test": test, "value": yes}, "value": no}


def tips(say: Say, *names: str, **formats: str) -> list[Spec]:
    """Return what a pointer on a mark shows: names, then numbers, each with its D3 format."""
    words: list[Spec] = [{"field": field, "title": say(field)} for field in names]
    return words + [
        {"field": field, "title": say(field), "type": "quantitative", "format": form}
        for field, form in formats.items()
    ]
