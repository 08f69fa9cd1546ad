"""What the report says → one HTML page that needs nothing beside it.

Every text of a dialogue is data: jinja2 escapes it, the JSON cannot leave its script tag, the
page's script inserts text only, and a Content-Security-Policy names the three scripts that may run
by their digests and forbids every request.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment

from stages.charts.pictures import charts
from stages.charts.studies import best_first, studies
from stages.charts.theme import theme
from stages.charts.training import dev_curve, length_curves, loss_curve, score_histogram
from stages.charts.vega import CONFIG, VEGA_LITE, Spec
from stages.page.bars import scale_around
from stages.page.compared import MOST_DRAWN, has_result, has_score, score_ranges
from stages.page.sections import faults, headline, label, rules, slice_label, value_label
from stages.page.template import environment

_HERE = Path(__file__).parent

Table = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Found:
    """What the stages wrote, read; None or empty where a stage has not run."""

    scores: Mapping[str, Any]
    floors: Mapping[str, float]
    test: Mapping[str, Any] | None
    errors: Mapping[str, int]
    slices: Table
    train: Mapping[str, float] | None
    loss: Table
    dev: Table
    tokens: Mapping[str, Any] | None
    lengths: Mapping[str, Sequence[int]]
    """Split → tokens of each dialogue."""
    clean: Mapping[str, Mapping[str, Any]] | None
    examples: Mapping[str, Sequence[tuple[str, str, str]]]
    """Rule → where, before and after."""
    leaks: Mapping[str, Any] | None
    leak_slices: Table
    tune: Mapping[str, Any] | None
    trials: Table
    best: Mapping[str, Any] | None
    compared: Mapping[str, Any]
    """`stages.comparison.table.comparison_record`; `rows` are empty where none was made."""
    dialogues: Sequence[Mapping[str, Any]]
    """`stages.page.dialogues.entry` of each."""
    dialogue_scores: Sequence[float]


def render(found: Found) -> str:
    """Return the page."""
    slices = [*found.slices, *found.leak_slices]
    bars = headline(found.scores, found.floors, found.test)
    bounds = [float(part[end]) for part in slices for end in ("low", "high")]
    errors = faults(found.errors)
    data = {"dialogues": found.dialogues, "errors": {one.name: one.label for one in errors}}
    scripts = [_vega(), _read("page.js"), _read("dialogues.js")]
    return (
        _environment()
        .get_template("page.html")
        .render(
            found=found,
            bars=bars,
            bar_scale=scale_around([0, *(bar.high or bar.score for bar in bars)], from_zero=True),
            ways={name: list(parts) for name, parts in groupby(slices, itemgetter("slice"))},
            slice_scale=scale_around([*bounds, found.scores["rouge_mean"]]),
            rules=rules(found.clean or {}, found.examples),
            faults=errors,
            studies=studies(found.trials, found.tune or {}),
            trials=best_first(found.trials),
            most_drawn=MOST_DRAWN,
            has_results=any(has_result(row) for row in found.compared["rows"]),
            is_compared=has_score(found.compared["rows"], found.scores["rouge_mean"]),
            charts={"config": CONFIG, "specs": specs(found)},
            data=data,
            style=theme() + _read("page.css"),
            scripts=scripts,
            policy=_policy(scripts),
        )
    )


def specs(found: Found) -> dict[str, Spec]:
    """Return every chart that there is data for."""
    drawn = {"scores": score_histogram(found.dialogue_scores)}
    if found.loss:
        drawn["loss"] = loss_curve(found.loss)
    if found.dev:
        drawn["dev"] = dev_curve(found.dev, (found.train or {}).get("best_epoch", 0))
    if found.lengths:
        drawn["lengths"] = length_curves(found.lengths)
    for place, study in enumerate(studies(found.trials, found.tune or {})):
        drawn |= {f"{'decoding ' * bool(place)}{name}": one for name, one in charts(study).items()}
    if found.compared["rows"]:
        drawn["compared"] = score_ranges(found.compared["rows"], found.compared["floors"])
    return drawn


def _environment() -> Environment:
    pages = environment(_HERE)
    # `tojson` writes <, > and & as escapes: neither </script> nor <!-- can stand in its JSON.
    pages.policies["json.dumps_kwargs"] = {
        "ensure_ascii": False,
        "separators": (",", ":"),
    }
    pages.filters |= {
        "label": label,
        "slice_label": slice_label,
        "value_label": value_label,
        "points": "{:.2f}".format,
        "count": "{:,}".format,
    }
    return pages


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def _vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script."""
    # Its stub forgets that a snippet is optional.
    bundle: str = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # type: ignore[call-arg]
    if "</script" in bundle or "<!--" in bundle:
        raise ValueError("this Vega cannot stand in a script tag")
    return bundle


def _policy(scripts: Sequence[str]) -> str:
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
