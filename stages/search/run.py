"""A whole search: train, then decode, then confirm, and the artefacts of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from stages.command.files import read_json
from stages.params import Params
from stages.search.best import write_best
from stages.search.board import Board
from stages.search.clone import git
from stages.search.conditions import DEV, TOKENS, conditions_here, study_name
from stages.search.confirm import Candidate, Confirmation, confirm
from stages.search.dvc_lock import Value
from stages.search.experiments import list_experiments
from stages.search.loop import run_jobs
from stages.search.measured import CLEAN
from stages.search.pool import Pool
from stages.search.space import Space, inside, present_values, with_values
from stages.search.study import Search
from stages.search.table import write_metrics, write_trials
from stages.search.trials import Trials
from stages.search.warm_start import PRESENT, Trainings, find_known
from stages.search.weights import Weights

DECODING = "generate."
TOLD = 8
"""Experiments that are named with the reason why they could not be told to the study."""
OUTCOMES = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}


@dataclass
class Course:
    """What a search has found so far."""

    searches: list[Search] = field(default_factory=list)
    """Over train. and model. keys, then, on the model found, over generate. keys."""
    incomparable: dict[str, str] = field(default_factory=dict)
    """Experiment → why it could not be told."""
    confirmation: Confirmation | None = None

    @property
    def values(self) -> dict[str, Value]:
        """The values of the best trial of each search."""
        best = [search.complete()[0].params for search in self.searches if search.complete()]
        return {key: value for params in best for key, value in params.items()}


def run_search(params: Params, course: Course) -> None:
    """Search, decode and confirm; what is found stands in `course`, also when this raises.

    The keys of `generate` are searched when training is settled, on the model that was found:
    that takes no training. `tune.trials` is the budget of each of the two.
    """
    weights = Weights(max(params.tune.keep_models, params.tune.confirm.top))
    training, decoding = split_space(params.tune.space)
    with Pool(params.tune.workers) as pool, Board(workers=params.tune.workers) as board:
        for space in filter(None, (training, decoding)):
            run_study(params, space, course, weights=weights, pool=pool, board=board)
            if not course.searches[-1].complete():
                return
        present = Candidate(
            PRESENT,
            f"{course.searches[0].name}-present",
            present_values(params, list(params.tune.space)),
        )
        course.confirmation = confirm(
            params, candidates(course, params), present, pool, board, weights
        )
    winner = course.confirmation.winner.measured.name
    weights.trim(params.tune.keep_models, always={course.confirmation.experiments[winner]})


def split_space(space: Space) -> tuple[Space, Space]:
    """Return the part that needs training, and the part that does not."""
    decoding = {key: searched for key, searched in space.items() if key.startswith(DECODING)}
    return {key: searched for key, searched in space.items() if key not in decoding}, decoding


def run_study(
    params: Params, space: Space, course: Course, *, weights: Weights, pool: Pool, board: Board
) -> None:
    """Run one study to the end of its budget, and add it to the course."""
    fixed = course.values
    base = with_values(params, fixed)
    conditions = conditions_here(base, space)
    name = study_name(conditions, params.tune, space)
    search = Search(name, params.tune, space, epochs=int(params.train.epochs))
    again = search.reap()
    experiments = list_experiments()
    known, others = find_known(experiments, conditions, space)
    ours = tuple(f"{search.name}-" for search in [*course.searches, search])
    others = {name: why for name, why in others.items() if not name.startswith(ours)}
    search.tell_known(known)
    present = present_values(base, list(space))
    if inside(space, present):
        search.put_first(present)
    else:
        board.note(
            f"the present params are outside tune.space; they are the baseline only: {present}"
        )
    course.searches.append(search)
    course.incomparable |= others
    _tell_beginning(board, search, others, again=again)
    ended = [trial for trial in search.spent() if trial.state.is_finished()]
    board.counts.update(OUTCOMES[trial.state.name] for trial in ended)
    for trial in search.complete():
        board.known(trial.user_attrs["experiment"], trial.value or 0.0, trial.params)
        if "weights" in trial.user_attrs:
            weights.hold(trial.user_attrs["weights"], trial.user_attrs["experiment"], trial.value)
    trainings = Trainings(experiments, conditions=conditions)
    trials = Trials(search, params=params, fixed=fixed, trainings=trainings, weights=weights)
    run_jobs(trials, pool, board)


def candidates(course: Course, params: Params) -> list[Candidate]:
    """Return the best few: of several trainings each with the decoding that was found."""
    top = max(1, params.tune.confirm.top)
    first, *more = course.searches
    decoding = more[0].complete()[0].params if more else {}
    suffix = "-decoded" if more else ""
    return [
        Candidate(
            label=_label(trial.user_attrs, f"{first.name}-{trial.number}"),
            stem=f"{first.name}-{trial.number}{suffix}",
            values={**trial.params, **decoding},
        )
        for trial in first.complete()[:top]
    ]


def write_artefacts(folder: Path, course: Course, params: Params) -> None:
    """Write everything of metrics/tune into `folder` but for the pictures."""
    write_trials(folder, course.searches)
    more: dict[str, Any] = {}
    if course.confirmation:
        row = course.confirmation.winner
        more |= {"score": round(row.measured.score, 4), "better": course.confirmation.is_better}
        if row.difference:
            more |= {f"difference_{k}": round(v, 4) for k, v in row.difference._asdict().items()}
        write_best(
            folder,
            course.confirmation,
            study=course.searches[0].name,
            conditions=conditions_here(params, params.tune.space),
            git=git(Path.cwd(), "rev-parse", "HEAD"),
            data=_data(params),
        )
    write_metrics(folder, course.searches, incomparable=course.incomparable, more=more)


def _label(attributes: Mapping[str, Any], name: str) -> str:
    """Return what a reader can look for: a trial's own name, or that of the experiment told."""
    source = str(attributes.get("source", ""))
    return source if source.startswith("experiment ") else f"trial {name}"


def _data(params: Params) -> Mapping[str, Any]:
    cleaned = read_json(Path(CLEAN), made_by="dvc repro clean")
    hashes = conditions_here(params, ())
    read = {f"{split}.csv": facts["md5"] for split, facts in cleaned.items()}
    return read | {TOKENS: hashes[TOKENS], DEV: hashes[DEV]}


def _tell_beginning(board: Board, search: Search, others: Mapping[str, str], *, again: int) -> None:
    spent = search.spent()
    told = len(search.trials()) - len(spent)
    elsewhere = sum(not trial.state.is_finished() for trial in spent)
    board.note(
        f"study {search.name}: {told} experiments told, {len(spent) - elsewhere} trials run before"
        + f", {again} taken up again" * bool(again)
        + f", {elsewhere} running elsewhere" * bool(elsewhere)
        + f", {search.left()} to run"
    )
    for name, why in islice(others.items(), TOLD):
        board.note(f"not comparable: {name}: {why}")
    if len(others) > TOLD:
        board.note(f"not comparable: {len(others) - TOLD} more; metrics/tune/tune.json names them")
