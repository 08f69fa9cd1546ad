"""What a study is told before it begins, and what people are told of its beginning and end."""

from collections.abc import Mapping
from itertools import islice

from stages.search.conditions import Conditions
from stages.search.crew import Crew
from stages.search.earlier import best_elsewhere
from stages.search.known import PRESENT, find_known
from stages.search.sampler import STARTUP_TRIALS
from stages.search.space import Values, inside
from stages.search.study import Search
from stages.workers.board import Board

CHOOSING = ("bayes", "gp")
"""Strategies that learn from what was tried; the others need no good beginning."""
LISTED = 8
"""Experiments that are named with the reason why they do not compare."""
OUTCOMES = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}


def begin(
    search: Search, crew: Crew, conditions: Conditions, present: Values, *, ours: tuple[str, ...]
) -> dict[str, str]:
    """Tell a study what was measured already and what to try first.

    `ours` are beginnings of the names of this search's own experiments. Returns the experiments
    that it could not be told, and why.
    """
    again = search.requeue_orphans()
    known, others = find_known(crew.known, conditions, search.space)
    others = {name: why for name, why in others.items() if not name.startswith(ours)}
    search.tell_known(known)
    if inside(search.space, present):
        search.put_first(present, PRESENT)
    else:
        crew.board.note(
            f"the present params are outside tune.space; they are the baseline only: {present}"
        )
    # Of all that the study has: another process may have told it or run it.
    if search.tune.strategy in CHOOSING and len(search.complete()) < STARTUP_TRIALS:
        for name, values in best_elsewhere(crew.known, conditions, search.space).items():
            if not name.startswith(ours) and search.put_first(values):
                given = ", ".join(f"{key} {value}" for key, value in values.items())
                crew.board.note(f"tried first, for {name} did well under other conditions: {given}")
    _tell_beginning(crew.board, search, others, again=again)
    _take_up(search, crew)
    return others


def why_it_ended(search: Search) -> str:
    """Say that `tune.patience` was used up."""
    return (
        f"the last {search.tune.patience} trials or more brought nothing better: the search ends "
        f"after {len(search.spent())} of {search.tune.trials} trials (tune.patience)"
    )


def _take_up(search: Search, crew: Crew) -> None:
    """Count what this study has run before; the weights of its best trials are kept as well."""
    ended = [trial for trial in search.spent() if trial.state.is_finished()]
    crew.board.counts.update(OUTCOMES[trial.state.name] for trial in ended)
    for trial in search.complete():
        experiment, score = trial.user_attrs["experiment"], trial.value or 0.0
        crew.board.known(experiment, score, trial.params)
        if "weights" in trial.user_attrs:
            crew.weights.hold(trial.user_attrs["weights"], experiment, score)


def _tell_beginning(board: Board, search: Search, others: Mapping[str, str], *, again: int) -> None:
    spent = search.spent()
    known = len(search.trials()) - len(spent)
    elsewhere = sum(not trial.state.is_finished() for trial in spent)
    board.note(
        f"study {search.name}: {known} experiments told, {len(spent) - elsewhere} trials run before"
        + f", {again} taken up again" * bool(again)
        + f", {elsewhere} running elsewhere" * bool(elsewhere)
        + f", {search.left()} to run"
    )
    for name, why in islice(others.items(), LISTED):
        board.note(f"not comparable: {name}: {why}")
    if len(others) > LISTED:
        board.note(
            f"not comparable: {len(others) - LISTED} more; metrics/tune/tune.json names them"
        )
