"""Write the winner's values into params.yaml, or those of an experiment by name.

    python -m stages.promote                    the winner of the last search
    python -m stages.promote NAME               any experiment of `dvc exp show`
    python -m stages.promote --dry-run          only show what would change

Reads metrics/tune/best.yaml or the experiment, and params.yaml as Git has it. Changes the values
that were searched (of an experiment: those that differ) and no other byte of params.yaml. Refuses
where the winner is not better than the noise (--force overrides), where it was found under other
conditions, and where params.yaml has uncommitted edits of the same keys. `dvc repro` then takes the
model from DVC's run cache.
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.progress import say
from stages.params import Params, check_params, load_params
from stages.params_file import scalar, write_values
from stages.search.best import Best
from stages.search.promotion import from_experiment, from_winner, uncommitted
from stages.search.space import present_values

PARAMS = Path("params.yaml")


def changes_table(best: Best, params: Params) -> Table:
    """Return old → new for each key."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in ("key", "now", "new"):
        table.add_column(header)
    for key, old in present_values(params, list(best.values)).items():
        new = best.values[key]
        table.add_row(key, scalar(old), scalar(new), style="" if old != new else "dim")
    return table


def _parse() -> argparse.Namespace:
    parser = command_parser("promote", __doc__)
    parser.add_argument("name", nargs="?", metavar="NAME", help="an experiment")
    parser.add_argument("--force", action="store_true", help="although it may be noise")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    return parser.parse_args()


def main() -> None:
    """Show and write the values."""
    arguments = _parse()
    params = load_params(PARAMS)
    best = from_experiment(arguments.name, params) if arguments.name else from_winner(params)
    old = present_values(params, list(best.values))
    Console(highlight=False).print(changes_table(best, params))
    say(f"{best.name}: {best.verdict}")
    if old == best.values:
        say("params.yaml has these values already")
        return
    if not best.better and not arguments.force:
        raise UserError("nothing is written, for this may be luck: --force writes it nevertheless")
    edited = uncommitted(PARAMS, old)
    if edited:
        raise UserError(
            f"params.yaml has uncommitted edits of {', '.join(edited)}, which would be lost: "
            "git commit params.yaml, or git restore params.yaml, then run this again"
        )
    content = params.model_dump()
    for key, value in best.values.items():
        section, _, name = key.partition(".")
        content[section][name] = value
    check_params(content, where=best.name)
    if not arguments.dry_run:
        write_values(PARAMS, best.values)
        say(
            "params.yaml is written; dvc repro takes the model from the run cache, or trains it "
            "again where tune.keep_models did not keep it"
        )
        if params.tune.trials:
            say(
                f"tune.trials is {params.tune.trials}: with other data or tokens dvc repro searches"
            )


if __name__ == "__main__":
    run(main)
