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
from markupsafe import Markup, escape

from stages.charts.pictures import charts
from stages.charts.studies import best_first, studies
from stages.charts.theme import theme
from stages.charts.training import dev_curve, length_curves, loss_curve, score_histogram
from stages.charts.vega import CONFIG, VEGA_LITE, Say, Spec
from stages.page.bars import scale_around
from stages.page.compared import MOST_DRAWN, has_result, has_score, score_ranges, told
from stages.page.sections import (
    faults,
    headline,
    rules,
    slice_label,
    source_label,
    value_label,
    verdict,
    winner_label,
)
from stages.page.template import environment
from stages.page.texts import KOREAN, NAMES, saying
from stages.params import Language

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
    is_promoted: bool
    """Whether params.yaml has the values of the best."""
    compared: Mapping[str, Any]
    """`stages.comparison.table.comparison_record`; `rows` are empty where none was made."""
    dialogues: Sequence[Mapping[str, Any]]
    """`stages.page.dialogues.entry` of each."""
    dialogue_scores: Sequence[float]


def render(found: Found, *, language: Language, spoken: Language) -> str:
    """Return the page, first in one language and at a reader's word in the other.

    `spoken` is the language of the dialogues.
    """
    languages: list[Language] = ["ko", "en"] if language == "ko" else ["en", "ko"]
    drawn = {one: specs(found, saying(one)) for one in languages}
    labels = {one.name: one.label for one in faults(found.errors)}
    data = {"dialogues": found.dialogues, "errors": labels, "spoken": spoken, "korean": KOREAN}
    scripts = [_vega(), _read("page.js"), _read("dialogues.js")]
    facts = _facts(found)
    return (
        _environment()
        .get_template("page.html")
        .render(
            languages=languages,
            bodies=[_body(found, one, spoken, drawn[one], facts) for one in languages],
            titles=[
                saying(one)("Report: dev {score:.2f}", score=found.scores["rouge_mean"])
                for one in languages
            ],
            charts={"config": CONFIG, "specs": drawn},
            data=data,
            style=theme() + _read("page.css"),
            scripts=scripts,
            policy=_policy(scripts),
        )
    )


def _body(
    found: Found, language: Language, spoken: Language, drawn: Mapping[str, Spec], facts: Spec
) -> Markup:
    say = saying(language)
    other: Language = "en" if language == "ko" else "ko"

    def rich(text: str, **values: object) -> Markup:
        """Say a text of ours with its tags; the values are escaped."""
        escaped = {
            name: escape(value) if isinstance(value, str) else value
            for name, value in values.items()
        }
        return Markup(say(text, **escaped))  # noqa: S704

    body = _environment().get_template("body.html")
    return Markup(  # noqa: S704 (the template has escaped what is not ours)
        body.render(
            facts,
            found=found,
            say=say,
            rich=rich,
            spoken=spoken,
            other={"language": other, "name": NAMES[other]},
            drawn=drawn,
            told=told(found.compared, say),
        )
    )


def _facts(found: Found) -> dict[str, Any]:
    """Return what both languages show."""
    slices = [*found.slices, *found.leak_slices]
    bars = headline(found.scores, found.floors, found.test)
    bounds = [float(part[end]) for part in slices for end in ("low", "high")]
    return {
        "bars": bars,
        "bar_scale": scale_around([0, *(bar.high or bar.score for bar in bars)], from_zero=True),
        "ways": {name: list(parts) for name, parts in groupby(slices, itemgetter("slice"))},
        "slice_scale": scale_around([*bounds, found.scores["rouge_mean"]]),
        "rules": rules(found.clean or {}, found.examples),
        "faults": faults(found.errors),
        "studies": studies(found.trials, found.tune or {}),
        "trials": best_first(found.trials),
        "most_drawn": MOST_DRAWN,
        "has_results": any(has_result(row) for row in found.compared["rows"]),
        "is_compared": has_score(found.compared["rows"], found.scores["rouge_mean"]),
    }


def specs(found: Found, say: Say) -> dict[str, Spec]:
    """Return every chart that there is data for."""
    drawn = {"scores": score_histogram(found.dialogue_scores, say)}
    if found.loss:
        drawn["loss"] = loss_curve(found.loss, say)
    if found.dev:
        drawn["dev"] = dev_curve(found.dev, (found.train or {}).get("best_epoch", 0), say)
    if found.lengths:
        drawn["lengths"] = length_curves(found.lengths, say)
    for place, study in enumerate(studies(found.trials, found.tune or {})):
        own = charts(study, say)
        drawn |= {f"{'decoding ' * bool(place)}{name}": chart for name, chart in own.items()}
    if found.compared["rows"]:
        drawn["compared"] = score_ranges(found.compared["rows"], found.compared["floors"], say)
    return drawn


def _environment() -> Environment:
    pages = environment(_HERE)
    # `tojson` writes <, > and & as escapes: neither </script> nor <!-- can stand in its JSON.
    pages.policies["json.dumps_kwargs"] = {
        "ensure_ascii": False,
        "separators": (",", ":"),
    }
    pages.filters |= {
        "slice_label": slice_label,
        "points": "{:.2f}".format,
        "count": "{:,}".format,
        "beside": _beside,
    }
    pages.globals |= {
        "source_label": source_label,
        "value_label": value_label,
        "verdict": verdict,
        "winner_label": winner_label,
    }
    return pages


def _beside(number: str, interval: str) -> Markup:
    return Markup("{}<small>{}</small>").format(number, interval)


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
