"""A comparison as people and programs read it: a table for the terminal, CSV, JSON.

>>> console.print(comparison_table(rows, floors={"constant": 32.1}))
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from stages.comparison.measured import Measured
from stages.comparison.notes import Note
from stages.comparison.verdicts import Comparison
from stages.params import Value

CSV_COLUMNS = (
    *("name", "rouge_mean", "low", "high", "seeds", "deviation"),
    *("difference", "difference_low", "difference_high", "p", "verdict"),
    *("seconds", "public", "private", "marks"),
)


def differing_params(params: Sequence[Mapping[str, Value]]) -> list[str]:
    """Return the params that are not the same everywhere, in the order of params.yaml."""
    keys = dict.fromkeys(key for one in params for key in one)
    return [key for key in keys if len({repr(one.get(key)) for one in params}) > 1]


def params_cell(params: Mapping[str, Value], keys: Sequence[str]) -> str:
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


def comparison_table(rows: Sequence[Comparison], *, floors: Mapping[str, float]) -> Table:
    """Return a table for 80 columns: two lines a row, floors below, no column that says nothing.

    `floors` is name → `rouge_mean` on the dialogues of the baseline, or of the best row.
    """
    keys = differing_params([row.measured.params for row in rows])
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
        params = [params_cell(row.measured.params, keys)] if keys else []
        style = "bold" if row.verdict == "baseline" else ""
        cells = [names, *params, *(column[place] for column in shown.values())]
        # As Text: a name or a list with brackets in it is not rich's markup.
        table.add_row(*map(Text, cells), style=style)
    for name, score in sorted(floors.items(), key=lambda floor: -floor[1]):
        floor = {"rouge_mean": f"{score:.2f}", "verdict": "floor"}
        blank = [""] if keys else []
        table.add_row(name, *blank, *(floor.get(header, "") for header in shown), style="dim")
    return table


def comparison_csv(rows: Sequence[Comparison]) -> tuple[list[str], list[list[object]]]:
    """Return header and lines: the columns of `CSV_COLUMNS`, then the params that differ."""
    keys = differing_params([row.measured.params for row in rows])
    lines = []
    for row in rows:
        one, difference = row.measured, row.difference
        figures = [one.score, one.low, one.high, len(one.scores), _deviation(one.scores)]
        apart = list(difference) if difference else [None] * 4
        rest = [row.verdict, one.seconds, row.public, row.private, "; ".join(row.marks)]
        params = [one.params.get(key) for key in keys]
        lines.append([one.name, *figures, *apart, *rest, *params])
    return [*CSV_COLUMNS, *keys], lines


def comparison_record(
    rows: Sequence[Comparison], *, floors: Mapping[str, float], notes: Iterable[Note]
) -> dict[str, object]:
    """Return the same rows as metrics/compare.json holds them, for the report.

    A row's `params` are those that differ; its `difference` is None where there is none.
    """
    keys = differing_params([row.measured.params for row in rows])
    records = [_record(row, keys) for row in rows]
    return {"rows": records, "floors": dict(floors), "notes": [note._asdict() for note in notes]}


def _record(row: Comparison, keys: Sequence[str]) -> dict[str, object]:
    one, apart = row.measured, row.difference
    return {
        "names": list(one.names),
        "params": {key: one.params.get(key) for key in keys},
        "score": round(one.score, 4),
        "low": round(one.low, 4),
        "high": round(one.high, 4),
        "seeds": len(one.scores),
        "difference": apart and {key: round(value, 4) for key, value in apart._asdict().items()},
        "verdict": row.verdict,
        "marks": list(row.marks),
        "seconds": one.seconds,
        "public": row.public,
        "private": row.private,
    }


def _score_cell(one: Measured) -> str:
    lines = [f"{one.score:.2f} ± {(one.high - one.low) / 2:.2f}", f"{one.low:.2f}–{one.high:.2f}"]
    deviation = _deviation(one.scores)
    if deviation is not None:
        lines.append(f"seeds ± {deviation:.2f}, n {len(one.scores)}")
    return "\n".join(lines)


def _difference_cell(row: Comparison) -> str:
    if row.difference is None:
        return ""
    difference, low, high, _ = row.difference
    return f"{difference:+.2f}\n{low:+.2f}…{high:+.2f}"


def _verdict_cell(row: Comparison) -> str:
    significance = [f"p {row.difference.p:.4f}"] if row.difference else []
    return "\n".join(filter(None, [row.verdict, *significance, *row.marks]))


def _leaderboard_cell(row: Comparison) -> str:
    private = [f"({row.private:.2f})"] if row.private is not None else []
    return "\n".join([_number(row.public, ".2f"), *private])


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _deviation(scores: Sequence[float]) -> float | None:
    return statistics.stdev(scores) if len(scores) > 1 else None
