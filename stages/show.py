"""List every experiment with its state, its score and the params in which it differs.

What `dvc exp show` knows, in as many columns as the terminal has: that one has a column for each
param and metric. A run that waits, runs or has failed has no score of its own, and none is shown.
How sure a difference is says `python -m stages.compare`. Trains and writes nothing.

    python -m stages.show
"""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.comparison.table import differing_params, params_cell
from stages.experiments.listing import Experiment, list_experiments

SEARCH = "tune."
"""Params that say how others were found; no score depends on them."""


def experiments_table(experiments: Sequence[Experiment]) -> Table:
    """Return a row for each experiment, in DVC's order."""
    differing = differing_params([one.params for one in experiments])
    keys = [key for key in differing if not key.startswith(SEARCH)]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("experiment", overflow="fold")
    table.add_column("state", no_wrap=True)
    table.add_column("rouge_mean", justify="right", no_wrap=True)
    if keys:
        table.add_column("params that differ", overflow="fold")
    for one in experiments:
        score = "" if one.rouge_mean is None else f"{one.rouge_mean:.2f}"
        params = [params_cell(one.params, keys)] if keys else []
        # As Text: a name or a list with brackets in it is not rich's markup.
        table.add_row(*map(Text, [one.name, state(one), score, *params]))
    return table


def state(experiment: Experiment) -> str:
    """Return `done`, `queued`, `running` or `failed`; `stale`: params or files changed since."""
    return "stale" if experiment.stale else experiment.state


def main() -> None:
    """Print the table."""
    command_parser("show", __doc__).parse_args()
    Console(highlight=False).print(experiments_table(list_experiments()))


if __name__ == "__main__":
    run(main)
