"""Keep real leaderboard results beside the experiments that were submitted.

Reads and writes metrics/leaderboard.csv, which Git tracks. `python -m stages.compare` then shows
them, and which local score goes with them.

    python -m stages.leaderboard add low-lr --public 47.1 --note "beam 8"
    python -m stages.leaderboard add low-lr --public 47.1 --private 44.9
    python -m stages.leaderboard list
    python -m stages.leaderboard remove low-lr
"""

import argparse
import datetime as dt
import difflib
import subprocess
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.progress import say
from stages.comparison.leaderboard import (
    LeaderboardResult,
    check_score,
    read_results,
    write_results,
)
from stages.experiments.listing import find_experiment, list_experiments
from stages.paths import LEADERBOARD


def add(arguments: argparse.Namespace) -> str:
    """Write a result down, or replace the one that this experiment has; return what was done."""
    public = check_score(arguments.public)
    private = check_score(arguments.private) if arguments.private else None
    experiment = find_experiment(arguments.name, list_experiments())
    if experiment.kind == "workspace" or experiment.rouge_mean is None:
        raise UserError(
            f"{arguments.name} is no finished experiment; name one that dvc exp show lists with a "
            "score, or keep the workspace as one: dvc exp save -n NAME"
        )
    known = {one.rev: one for one in read_results()}
    old = known.get(experiment.rev)
    new = LeaderboardResult(
        name=experiment.name,
        rev=experiment.rev,
        date=dt.datetime.now().astimezone().date().isoformat(),
        public=public,
        private=old.private if old and private is None else private,
        note=old.note if old and arguments.note is None else arguments.note or "",
    )
    write_results(list((known | {new.rev: new}).values()))
    return f"{new.name}: {_scores(old)} → {_scores(new)}" if old else f"{new.name}: {_scores(new)}"


def remove(name: str) -> str:
    """Strike the results of that name out; return what they were."""
    known = read_results()
    struck = [one for one in known if one.name == name]
    if not struck:
        near = difflib.get_close_matches(name, [one.name for one in known], n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "python -m stages.leaderboard list"
        raise UserError(f"{LEADERBOARD} has no result of {name}; {hint}")
    write_results([one for one in known if one not in struck])
    return f"{name}: {', '.join(map(_scores, struck))} struck out"


def results_table(results: Sequence[LeaderboardResult]) -> Table:
    """Return the results, the best public score first."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for header in ("experiment", "rev", "date"):
        table.add_column(header, overflow="fold")
    table.add_column("public", justify="right")
    table.add_column("private", justify="right")
    table.add_column("note", overflow="fold")
    for one in sorted(results, key=lambda one: -one.public):
        private = "" if one.private is None else f"{one.private:.2f}"
        table.add_row(one.name, one.rev[:7], one.date, f"{one.public:.2f}", private, one.note)
    return table


def _scores(result: LeaderboardResult) -> str:
    private = "" if result.private is None else f", private {result.private:.2f}"
    return f"public {result.public:.2f}{private}"


def _check_tracked() -> None:
    ignored = subprocess.run(["git", "check-ignore", "--quiet", str(LEADERBOARD)], check=False)
    if ignored.returncode == 0:
        raise UserError(f"Git ignores {LEADERBOARD}; take the line that does it out of .gitignore")


def _parse() -> argparse.Namespace:
    parser = command_parser("leaderboard", __doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add", help="write a result down, or correct it")
    adding.add_argument("name", metavar="NAME", help="experiment, branch or revision")
    adding.add_argument("--public", required=True, help="public score, 0 to 100")
    adding.add_argument("--private", help="private score, 0 to 100")
    adding.add_argument("--note", help="anything to remember")
    commands.add_parser("list", help="show the results")
    commands.add_parser("remove", help="strike a result out").add_argument("name", metavar="NAME")
    return parser.parse_args()


def main() -> None:
    """Run the command."""
    arguments = _parse()
    match arguments.command:
        case "add":
            _check_tracked()
            say(add(arguments))
        case "remove":
            say(remove(arguments.name))
        case "list":
            results = read_results()
            if results:
                Console(highlight=False).print(results_table(results))
            else:
                say("no result yet; add one: python -m stages.leaderboard add NAME --public SCORE")


if __name__ == "__main__":
    run(main)
