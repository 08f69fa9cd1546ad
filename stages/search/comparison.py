"""Scores side by side: the difference to a baseline, what it is worth, and a table of it.

>>> rows = compare([baseline, other], baseline=baseline, noise=None)
>>> console.print(comparison_table(rows, floors={"constant": 32.1}))
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.table import Table
from rich.text import Text

from stages.scoring.intervals import Paired, paired
from stages.search.dvc_lock import Value
from stages.search.measured import Measured, unlike
from stages.search.noise_floor import NoiseFloor

ALPHA = 0.05
"""A difference with a `p` from here on is called a tie."""

CSV_COLUMNS = (
    *("name", "rouge_mean", "low", "high", "seeds", "deviation"),
    *("difference", "difference_low", "difference_high", "p", "verdict"),
    *("seconds", "public", "private", "marks"),
)


@dataclass(frozen=True)
class Row:
    """One line of the comparison."""

    measured: Measured
    difference: Paired | None
    """To the baseline; None for the baseline itself, and where the two do not compare."""
    verdict: str
    """`baseline`, `better`, `worse`, `tie`, or nothing where the two do not compare."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """What sets it apart from the baseline, each with its sentence."""
    public: float | None = None
    private: float | None = None


def compare(
    measured: Sequence[Measured], *, baseline: Measured | None, noise: NoiseFloor | None
) -> list[Row]:
    """Return a row for each, the best score first."""
    best_first = sorted(measured, key=lambda one: -one.score)
    return [_row(one, baseline=baseline, noise=noise) for one in best_first]


def verdict(difference: Paired, *, least: float) -> str:
    """Call a difference by its name; below `least` it is noise of the seeds.

    >>> verdict(Paired(0.8, 0.1, 1.5, 0.03), least=1.1)
    'tie'
    """
    if difference.p >= ALPHA or abs(difference.difference) < least:
        return "tie"
    return "better" if difference.difference > 0 else "worse"


def differing_params(rows: Sequence[Row]) -> list[str]:
    """Return the params that are not the same in every row, in the order of params.yaml."""
    keys = dict.fromkeys(key for row in rows for key in row.measured.params)
    return [key for key in keys if len({repr(row.measured.params.get(key)) for row in rows}) > 1]


def comparison_table(rows: Sequence[Row], *, floors: Mapping[str, float]) -> Table:
    """Return a table for 80 columns: two lines a row, floors below, no column that says nothing.

    `floors` is name → `rouge_mean` on the dialogues of the baseline, or of the best row.
    """
    keys = differing_params(rows)
    columns = {
        "rouge_mean": [_score_cell(row.measured) for row in rows],
        "difference": [_difference_cell(row) for row in rows],
        "verdict": [_verdict_cell(row) or " " for row in rows],
        "seconds": [_number(row.measured.seconds, ".0f") for row in rows],
        "public": [_leaderboard_cell(row) for row in rows],
    }
    shown = {header: cells for header, cells in columns.items() if any(cells)}
    gap = 1 if len(shown) == len(columns) else 2
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", overflow="fold", max_width=18)
    if keys:
        table.add_column("params", overflow="fold")
    for header in shown:
        table.add_column(header, justify="right", no_wrap=header != "verdict")
    for place, row in enumerate(rows):
        names = "\n= ".join(row.measured.names)
        params = [_params_cell(row.measured.params, keys)] if keys else []
        style = "bold" if row.verdict == "baseline" else ""
        cells = [names, *params, *(column[place] for column in shown.values())]
        # As Text: a name or a list with brackets in it is not rich's markup.
        table.add_row(*map(Text, cells), style=style)
    for name, score in sorted(floors.items(), key=lambda floor: -floor[1]):
        floor = {"rouge_mean": f"{score:.2f}", "verdict": "floor"}
        blank = [""] if keys else []
        table.add_row(name, *blank, *(floor.get(header, "") for header in shown), style="dim")
    return table


def comparison_csv(rows: Sequence[Row]) -> tuple[list[str], list[list[object]]]:
    """Return header and lines: the columns of `CSV_COLUMNS`, then the params that differ."""
    keys = differing_params(rows)
    lines = []
    for row in rows:
        one, difference = row.measured, row.difference
        figures = [one.score, one.low, one.high, len(one.scores), _deviation(one.scores)]
        apart = list(difference) if difference else [None] * 4
        rest = [row.verdict, one.seconds, row.public, row.private, "; ".join(row.marks)]
        params = [one.params.get(key) for key in keys]
        lines.append([one.name, *figures, *apart, *rest, *params])
    return [*CSV_COLUMNS, *keys], lines


def _row(one: Measured, *, baseline: Measured | None, noise: NoiseFloor | None) -> Row:
    if baseline is None:
        return Row(one, None, "", {"stale": unlike(one, one)["stale"]} if one.stale else {})
    if one is baseline:
        return Row(one, None, "baseline")
    marks = unlike(one, baseline)
    if one.per_dialogue is None or baseline.per_dialogue is None:
        where = one.name if one.per_dialogue is None else baseline.name
        marks["not here"] = f"the predictions of {where} are not in this cache: dvc exp pull"
        return Row(one, None, "", marks)
    if marks.keys() - {"other train"}:
        return Row(one, None, "", marks)
    difference = paired(one.per_dialogue, baseline.per_dialogue)
    least = noise.between(len(one.scores), len(baseline.scores)) if noise else 0
    return Row(one, difference, verdict(difference, least=least), marks)


def _score_cell(one: Measured) -> str:
    lines = [f"{one.score:.2f} ± {(one.high - one.low) / 2:.2f}", f"{one.low:.2f}–{one.high:.2f}"]
    deviation = _deviation(one.scores)
    if deviation is not None:
        lines.append(f"seeds ± {deviation:.2f}, n {len(one.scores)}")
    return "\n".join(lines)


def _difference_cell(row: Row) -> str:
    if row.difference is None:
        return ""
    difference, low, high, _ = row.difference
    return f"{difference:+.2f}\n{low:+.2f}…{high:+.2f}"


def _verdict_cell(row: Row) -> str:
    significance = [f"p {row.difference.p:.4f}"] if row.difference else []
    return "\n".join(filter(None, [row.verdict, *significance, *row.marks]))


def _leaderboard_cell(row: Row) -> str:
    private = [f"({row.private:.2f})"] if row.private is not None else []
    return "\n".join([_number(row.public, ".2f"), *private])


def _params_cell(params: Mapping[str, Value], keys: Sequence[str]) -> str:
    """Return `lr=1e-05 batch_size=16`; with its section where two keys end alike."""
    last = [key.rpartition(".")[2] for key in keys]
    shown = [
        short if last.count(short) == 1 else key for key, short in zip(keys, last, strict=True)
    ]
    values = [params.get(key, "-") for key in keys]
    return " ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in zip(shown, values, strict=True)
    )


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _deviation(scores: Sequence[float]) -> float | None:
    return statistics.stdev(scores) if len(scores) > 1 else None
