"""Pictures of a search: SVG to look at in a report, and one HTML page to explore it in."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from stages.params import Choices
from stages.search.study import Search

FEWEST = 4
"""Finished trials from which on importance can be computed at all."""
GREY, BLUE, RED = "#9aa0a6", "#2f6db5", "#d62728"


def draw(search: Search, folder: Path) -> None:
    """Write history.svg, importance.svg, slices.svg, parallel.svg and search.html into `folder`."""
    mpl.rcParams["svg.hashsalt"] = "search"  # the same search gives the same bytes
    done = sorted(search.complete(), key=lambda trial: trial.number)
    importances = importance(search)
    figures = {
        "history": history(done),
        "importance": importance_bars(importances),
        "slices": slices(search, done),
        "parallel": parallel(search, done),
    }
    for name, figure in figures.items():
        figure.savefig(
            folder / f"{name}.svg", format="svg", metadata={"Date": None}, bbox_inches="tight"
        )
    write_page(search, folder, importances)


def importance(search: Search) -> dict[str, float]:
    """Return how much each key matters, by PED-ANOVA (Watanabe et al. 2023); none of too few."""
    done = search.complete()
    varied = [key for key in search.space if len({t.params[key] for t in done}) > 1]
    if len(done) < FEWEST or not varied or len({trial.value for trial in done}) < 2:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[str, float] = get_param_importances(
            search.study, evaluator=PedAnovaImportanceEvaluator(), params=varied
        )
    return found


def history(done: Sequence[FrozenTrial]) -> Figure:
    """Draw the score of each trial, and the best so far."""
    figure, axes = _figure("trial", "dev rouge_mean")
    told = [t for t in done if t.user_attrs.get("told")]
    own = [t for t in done if not t.user_attrs.get("told")]
    for trials, color, label in [(told, GREY, "told"), (own, BLUE, "trained")]:
        axes.scatter([t.number for t in trials], [t.value for t in trials], c=color, label=label)
    best, so_far = float("-inf"), []
    for trial in done:
        best = max(best, trial.value or 0.0)
        so_far.append(best)
    axes.step([t.number for t in done], so_far, where="post", color=RED, label="best so far")
    axes.legend()
    return figure


def importance_bars(importances: Mapping[str, float]) -> Figure:
    """Draw a bar for each key."""
    figure, axes = _figure("importance (PED-ANOVA)", "")
    if not importances:
        sentence = f"needs {FEWEST} finished trials that differ"
        axes.text(0.5, 0.5, sentence, ha="center", transform=axes.transAxes)
    shown = dict(sorted(importances.items(), key=lambda item: item[1]))
    axes.barh(list(shown), list(shown.values()), color=BLUE)
    return figure


def slices(search: Search, done: Sequence[FrozenTrial]) -> Figure:
    """Draw the score over each key; the best trial is red."""
    figure = Figure(figsize=(3.2 * len(search.space), 3.2))
    figure.subplots_adjust(wspace=0.35)
    best = max(done, key=lambda trial: trial.value or 0.0, default=None)
    for place, (key, searched) in enumerate(search.space.items()):
        axes = figure.add_subplot(1, len(search.space), place + 1)
        axes.set_xlabel(key)
        axes.set_ylabel("dev rouge_mean" if place == 0 else "")
        if not isinstance(searched, Choices) and searched.log:
            axes.set_xscale("log")
        for trial in done:
            x = str(trial.params[key]) if isinstance(searched, Choices) else trial.params[key]
            axes.scatter([x], [trial.value], c=RED if trial is best else BLUE)
    return figure


def parallel(search: Search, done: Sequence[FrozenTrial]) -> Figure:
    """Draw each trial as a line over all keys to its score; the best one is red."""
    figure, axes = _figure("", "")
    keys = list(search.space)
    axes.set_xticks(range(len(keys) + 1), [*keys, "rouge_mean"])
    axes.set_yticks([])
    columns = [_places([t.params[key] for t in done]) for key in keys]
    columns.append(_places([t.value for t in done]))
    order = sorted(range(len(done)), key=lambda i: (done[i].value or 0.0, -i))
    for i in order:
        is_best = i == order[-1]
        heights = [column[i] for column in columns]
        axes.plot(heights, color=RED if is_best else BLUE, alpha=1 if is_best else 0.4)
    return figure


def write_page(search: Search, folder: Path, importances: Mapping[str, float]) -> None:
    """Write search.html, with plotly.js beside it once: both open without a network."""
    from optuna import visualization as plots

    figures: list[Any] = []
    if search.complete():
        figures += [plots.plot_optimization_history(search.study)]
        figures += [plots.plot_slice(search.study), plots.plot_parallel_coordinate(search.study)]
    if importances:
        evaluator = PedAnovaImportanceEvaluator()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            figures.append(
                plots.plot_param_importances(
                    search.study, evaluator=evaluator, params=list(importances)
                )
            )
    if any(t.intermediate_values for t in search.trials() if t.state != TrialState.FAIL):
        figures.append(plots.plot_intermediate_values(search.study))
    parts = [
        figure.to_html(
            full_html=False,
            include_plotlyjs="directory" if place == 0 else False,
            div_id=f"figure{place}",
        )
        for place, figure in enumerate(figures)
    ]
    body = "\n".join(parts) or "<p>No trial has a score yet.</p>"
    (folder / "search.html").write_text(
        f'<!doctype html><meta charset="utf-8"><title>{search.name}</title>\n'
        f"<h1>{search.name}</h1>\n{body}\n",
        encoding="utf-8",
    )
    if figures:
        from plotly.offline import get_plotlyjs

        (folder / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")


def _figure(x: str, y: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(6.4, 4))
    axes = figure.add_subplot()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return figure, axes


def _places(values: Sequence[Any]) -> list[float]:
    """Return each value's rank among the different ones, from 0 to 1."""
    distinct = sorted(set(values), key=lambda v: (isinstance(v, str), v))
    return [distinct.index(value) / max(1, len(distinct) - 1) for value in values]
