"""Show experiments side by side: what differs, the score and how sure it is, and what it cost.

Reads DVC's experiments (workspace, HEAD, `dvc exp run`, the queue, a search), the predictions in
DVC's cache, metrics/noise.json and metrics/leaderboard.csv. Trains nothing, and writes nothing that
it is not asked for.

    python -m stages.compare                             everything but further seeds, against HEAD
    python -m stages.compare low-lr big --baseline low-lr
    python -m stages.compare --csv > runs.csv
    python -m stages.compare --svg runs.svg              the same as a picture

The k experiments of a grid over clean.fold are one row, scored on all rows that were held out.

The report is a stage, which DVC must be able to repeat, so it looks at no experiment by itself:
`--report` writes the rows into metrics/compare.json, and `dvc repro` then puts them on the page.

A difference comes with its 95% interval and p of a paired bootstrap over the dialogues. It is a tie
where p is 0.05 or more, or where it is no larger than what seeds alone do (python -m stages.noise).
"""

import argparse
import csv
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from stages.command.arguments import command_parser
from stages.command.cost import read_seconds
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import as_text, whole_file, write_json
from stages.command.progress import say
from stages.comparison.folds import pool_folds
from stages.comparison.leaderboard import LeaderboardResult, read_results
from stages.comparison.measured import Measured, measure
from stages.comparison.noise_floor import NOISE_PREFIX, read_noise
from stages.comparison.notes import differences_told, notes, states_told
from stages.comparison.table import comparison_csv, comparison_record, comparison_table
from stages.comparison.verdicts import Comparison, compare
from stages.experiments.git import is_tracked
from stages.experiments.listing import WORKSPACE, Experiment, find_experiment, list_experiments
from stages.paths import COMPARED, FLOOR_METRICS, SCORE_METRICS, TRAIN_METRICS

SEED_RUN = re.compile(r"tune-[0-9a-f]{4,8}-.+-s\d+")


def merge(experiments: Sequence[Experiment]) -> list[Measured]:
    """Return what has a score, the workspace and commits under the experiment they are equal to."""
    order = {"experiment": 0, "workspace": 1, "commit": 2}
    seconds = read_seconds()
    merged: dict[str, Measured] = {}
    for experiment in sorted(experiments, key=lambda one: order[one.kind]):
        one = measure(experiment, seconds)
        if one is None:
            continue
        results = [one.metrics.get(str(name)) for name in (SCORE_METRICS, TRAIN_METRICS)]
        same = repr([sorted(one.params.items()), results, one.stale])
        twin = merged.get(same)
        if twin and experiment.kind != "experiment":
            names, revs = (*twin.names, *one.names), (*twin.revs, *one.revs)
            merged[same] = replace(twin, names=names, revs=revs)
        else:
            merged[same if twin is None else f"{same} {experiment.rev}"] = one
    return list(merged.values())


def is_noise(experiment: Experiment) -> bool:
    """Tell whether it is one of many seeds of the same params, which say nothing on their own.

    `stages.noise` makes them, and sums them up in metrics/noise.json; and so does the confirmation
    of a search, in metrics/tune/best.yaml.
    """
    return experiment.name.startswith(NOISE_PREFIX) or bool(SEED_RUN.fullmatch(experiment.name))


def choose_baseline(
    name: str | None, measured: Sequence[Measured], experiments: Sequence[Experiment]
) -> Measured | None:
    """Return the named one, else HEAD, else the workspace, where they have scores of their own."""
    if name:
        return _find(name, measured, experiments)
    head = [one.rev for one in experiments if one.kind == "commit"][:1]
    for rev in [*head, WORKSPACE]:
        for one in measured:
            if rev in one.revs and not one.stale:
                return one
    return None


def side_by_side(
    names: Sequence[str], baseline_name: str | None, experiments: Sequence[Experiment]
) -> list[Comparison]:
    """Return the rows of these experiments, or of all, and the baseline's among them."""
    asked = {*names, baseline_name}
    measured = merge([one for one in experiments if one.name in asked or not is_noise(one)])
    measured = measured if names else pool_folds(measured)
    if not measured:
        raise UserError("no experiment has a score yet. It gets written by: dvc repro")
    baseline = choose_baseline(baseline_name, measured, experiments)
    chosen = [_find(name, measured, experiments) for name in names] or measured
    if baseline:
        chosen = list(dict.fromkeys([*chosen, baseline]))
    results = {one.rev: one for one in read_results()}
    rows = compare(chosen, baseline=baseline, noise=read_noise())
    return [_with_result(row, results) for row in rows]


def _with_result(row: Comparison, results: Mapping[str, LeaderboardResult]) -> Comparison:
    found = [results[rev] for rev in row.measured.revs if rev in results]
    return replace(row, public=found[0].public, private=found[0].private) if found else row


def _find(name: str, measured: Sequence[Measured], experiments: Sequence[Experiment]) -> Measured:
    wanted = find_experiment(name, experiments)
    for one in measured:
        if wanted.rev in one.revs:
            return one
    why = f" ({wanted.error})" if wanted.error else ""
    raise UserError(f"{name} has no score to compare: it is {wanted.state}{why}")


def _parse() -> argparse.Namespace:
    parser = command_parser("compare", __doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these experiments")
    parser.add_argument("--baseline", metavar="NAME", help="what differences are taken to")
    parser.add_argument("--csv", action="store_true", help="print CSV with all digits")
    parser.add_argument("--report", action="store_true", help=f"write {COMPARED} for the report")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="keep the table as a picture too")
    parser.add_argument("--force", action="store_true", help="also over a picture that is in Git")
    return parser.parse_args()


def _check_picture(path: Path) -> None:
    if path.exists() and is_tracked(path):
        raise UserError(f"{path} is in Git; name another file, or write over it with --force")


def _write_picture(console: Console, path: Path) -> None:
    svg = console.export_svg(title="python -m stages.compare")
    with whole_file(path) as draft:  # without the font that rich would have loaded from the web
        draft.write_text(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL), encoding="utf-8")


def main() -> None:
    """Print the comparison."""
    arguments = _parse()
    if arguments.svg and not arguments.force:
        _check_picture(arguments.svg)
    experiments, noise = list_experiments(), read_noise()
    rows = side_by_side(arguments.names, arguments.baseline, experiments)
    first = next((row for row in rows if row.verdict == "baseline"), rows[0])
    floors = first.measured.metrics.get(str(FLOOR_METRICS), {})
    if arguments.report:
        write_json(COMPARED, comparison_record(rows, floors=floors, notes=notes(rows, noise)))
    if arguments.csv:
        header, lines = comparison_csv(rows)
        cells = ([as_text(cell) for cell in line] for line in lines)
        csv.writer(sys.stdout, lineterminator="\n").writerows([header, *cells])
        return
    console = Console(highlight=False, record=True)
    console.print(comparison_table(rows, floors=floors))
    for line in (*differences_told(rows), *notes(rows, noise), *states_told(experiments)):
        console.print(str(line), markup=False)
    if arguments.svg:
        _write_picture(console, arguments.svg)
    if arguments.report:
        say(f"compare: {COMPARED} is written; `dvc repro` puts it on the page of the report")


if __name__ == "__main__":
    run(main)
