"""Parts of charts in Vega-Lite, the language in which DVC draws its own plots.

Colours are the page's CSS variables, so that a chart follows the theme without being drawn anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

INK, MUTED, FAINT, LINE = "var(--ink)", "var(--muted)", "var(--floor)", "var(--line)"
ACCENT, BEST = "var(--accent)", "var(--best)"
FONT = "system-ui, sans-serif"

CONFIG: Spec = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
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
        "labelColor": INK,
        "labelFontSize": 12,
        "orient": "top",
        "columns": 3,
        "title": None,
        "symbolStrokeWidth": 2,
    },
    "line": {"strokeWidth": 2},
}


def spec(description: str, values: Rows, **rest: Any) -> Spec:
    """Return a chart as wide as its place; `rest` are its mark and encoding, or its layers."""
    size = {"width": "container", "height": 220, "autosize": {"type": "fit", "contains": "padding"}}
    return {"description": description, "data": {"values": values}, **size, **rest}


def number(field: str, title: str, *, zero: bool = True) -> Spec:
    """Return an axis of numbers."""
    axis = {"title": title, "tickCount": 6}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": zero}}


def colors(field: str, colors: Mapping[str, str]) -> Spec:
    """Return a color for each value of a field, with its legend."""
    scale = {"domain": list(colors), "range": list(colors.values())}
    return {"field": field, "type": "nominal", "scale": scale}


def when(test: str, yes: str, no: str) -> Spec:
    """Return the one color where an expression over `datum` holds, and the other elsewhere."""
    return {"condition": {"test": test, "value": yes}, "value": no}


def tips(**formats: str) -> list[Spec]:
    """Return what a pointer on a mark shows: fields of numbers, each with its D3 format."""
    return [
        {"field": field, "type": "quantitative", "format": form} for field, form in formats.items()
    ]
