"""Runs the study of a search and not its confirmation, for which there would have to be models."""

from stages.params import load_params
from stages.search.crew import Crew
from stages.search.disk import Weights
from stages.search.known import look
from stages.search.run import SearchProgress, run_study
from stages.workers.board import Board
from stages.workers.pool import Pool


def main() -> None:
    """Run it to the end of its budget."""
    params = load_params()
    workers = params.tune.workers
    with Pool(workers, processes=1) as pool, Board(workers=workers) as board:
        crew = Crew(pool, board, Weights(params.tune.keep_models), look())
        run_study(params, params.tune.space, SearchProgress(), crew)


if __name__ == "__main__":
    main()
