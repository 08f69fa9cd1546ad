"""Search tune.space: a study that begins from what DVC's experiments have measured already.

Reads data/tokens, data/clean and DVC's experiments. Every finished trial becomes an experiment of
its own. Writes metrics/tune/: trials.csv, tune.json, best.yaml and pictures. Never changes
params.yaml: `python -m stages.promote` does. With `tune.trials: 0` it searches nothing, and leaves
there what the last search found.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from stages.command.entry import run_stage
from stages.command.errors import UserError
from stages.command.files import read_json, read_table, whole_folder
from stages.command.lock import only_one
from stages.command.progress import say
from stages.params import Params, load_params
from stages.paths import LAST_SEARCH, TUNE

if TYPE_CHECKING:
    from stages.search.run import SearchProgress

PARAMS = Path("params.yaml")
START = "start a search with: dvc exp run -S tune.trials=12 tune"


def search(params: Params) -> None:
    """Search, and write what was found, also where the search had to stop."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    from stages.search.confirmation import in_words
    from stages.search.disk import check_disk
    from stages.search.run import SearchProgress, run_search
    from stages.search.space import check_space
    from stages.search.storage import reason

    check_space(params)
    say(f"tune: {check_disk(params, params.tune.space)}")
    progress = SearchProgress()
    try:
        run_search(params, progress)
    except (StorageInternalError, SQLAlchemyError) as error:
        raise UserError(
            f"the study cannot be written: {reason(error)}; mend that and run this again: "
            "finished trials are kept"
        ) from None
    except KeyboardInterrupt:
        say(
            "tune: interrupted; run this again and it goes on: finished trials are kept, and what "
            "-S gave stands in params.yaml"
        )
        raise
    except UserError:
        if progress.searches:
            write_found(progress)
        raise
    write_found(progress)
    if progress.confirmation is None:
        raise UserError(f"no trial has a score; {TUNE}/trials.csv says why")
    winner = progress.confirmation.winner.measured
    say(f"tune: {winner.name} wins with {winner.score:.2f}: {in_words(progress.confirmation)}")


def write_found(progress: "SearchProgress") -> None:
    """Write what was found, and its pictures: the charts of the report, from the same files."""
    from stages.charts.pictures import pictures
    from stages.search.run import write_artefacts

    with whole_folder(TUNE) as folder:
        write_artefacts(folder, progress)
        facts = read_json(folder / "tune.json", made_by="dvc repro tune")
        trials = list(read_table(folder / "trials.csv", made_by="dvc repro tune"))
        for name, picture in pictures(trials, facts).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(picture, encoding="utf-8")
    with whole_folder(LAST_SEARCH) as folder:  # `dvc exp apply` takes away what stands in TUNE
        shutil.copytree(TUNE, folder, dirs_exist_ok=True)


def search_nothing(why: str) -> None:
    """Leave what the last search found, else write an empty table; say how one is started."""
    from stages.search.trials_csv import has_trials, write_nothing

    found = next((folder for folder in (TUNE, LAST_SEARCH) if has_trials(folder)), None)
    if found != TUNE:
        with whole_folder(TUNE) as folder:
            if found:
                shutil.copytree(found, folder, dirs_exist_ok=True)
            else:
                write_nothing(folder)
    kept = f", and {TUNE} has what the last search found" if found else ""
    say(f"tune: {why}{kept}; {START}")


def main() -> None:
    """Run the stage."""
    from stages.search.promotion import uncommitted

    params = load_params()
    with only_one("tune"):
        if params.tune.trials == 0:
            search_nothing("tune.trials is 0, so nothing is searched")
            return
        if ".dvc/tmp/exps" in Path.cwd().as_posix():
            why = "a queued or --temp run cannot hand experiments over and searches nothing"
            if uncommitted(PARAMS, {"tune.trials": params.tune.trials}):  # asked for, for this run
                raise UserError(f"{why}; {START}")
            # Else no error: the run has a score by now, which a failed stage would take with it.
            search_nothing(why)
            return
        began_with = PARAMS.read_bytes()
        search(params)
        if PARAMS.read_bytes() != began_with:
            raise UserError(
                "params.yaml was changed while the search ran (dvc exp apply does so): DVC would "
                "record other values beside it; it went on with those that it began with, and its "
                "trials are kept: put these values back and run it again"
            )


if __name__ == "__main__":
    run_stage(main, __doc__)
