"""A whole search: train, then decode, then confirm, and the artefacts of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stages.command.files import read_json
from stages.params import Params, Value
from stages.paths import CLEAN_METRICS
from stages.search.begin import begin, why_it_ended
from stages.search.best import write_best
from stages.search.conditions import DATA, conditions_here, study_name
from stages.search.confirm import confirm
from stages.search.confirmation import Candidate, Confirmation, facts
from stages.search.crew import Crew
from stages.search.disk import Weights
from stages.search.known import PRESENT, Known, Trainings, look
from stages.search.space import Space, present_values, with_values
from stages.search.study import Search
from stages.search.summary import write_summary, write_trials
from stages.search.trial_jobs import TrialJobs
from stages.workers.board import Board
from stages.workers.clone import git
from stages.workers.pool import Pool

DECODING = "generate."


@dataclass
class SearchProgress:
    """What a search has found so far."""

    searches: list[Search] = field(default_factory=list)
    """Over train. and model. keys, then, on the model found, over generate. keys."""
    incomparable: dict[str, str] = field(default_factory=dict)
    """Experiment → why it could not be told."""
    confirmation: Confirmation | None = None
    best: Mapping[str, Any] = field(default_factory=dict)
    """What best.yaml is to say of the winner, if there is one."""

    @property
    def values(self) -> dict[str, Value]:
        """The values of the best trial of each search."""
        best = [search.complete()[0].params for search in self.searches if search.complete()]
        return {key: value for params in best for key, value in params.items()}


def run_search(params: Params, progress: SearchProgress) -> None:
    """Search, decode and confirm; what is found stands in `progress`, also when this raises.

    The keys of `generate` are searched when training is settled, on the model that was found:
    that takes no training. `tune.trials` is the budget of each of the two.
    """
    training, decoding = split_space(params.tune.space)
    weights = Weights(max(params.tune.keep_models, params.tune.confirm.top))
    workers = params.tune.workers
    with (
        Pool(workers, processes=params.train.processes) as pool,
        Board(workers=workers) as board,
    ):
        crew = Crew(pool, board, weights, look())
        for space in filter(None, (training, decoding)):
            run_study(params, space, progress, crew)
            if not progress.searches[-1].complete():
                return
        present = Candidate(
            PRESENT,
            f"{progress.searches[0].name}-present",
            present_values(params, list(params.tune.space)),
        )
        progress.confirmation = confirm(params, candidates(progress, params), present, crew)
    progress.best = facts(
        progress.confirmation,
        study=progress.searches[0].name,
        conditions=conditions_here(params, params.tune.space, crew.known.files),
        git=git(Path.cwd(), "rev-parse", "HEAD"),
        data=_data(crew.known),
    )
    weights.trim(params.tune.keep_models, always={progress.best["experiment"]})


def split_space(space: Space) -> tuple[Space, Space]:
    """Return the part that needs training, and the part that does not."""
    decoding = {key: searched for key, searched in space.items() if key.startswith(DECODING)}
    return {key: searched for key, searched in space.items() if key not in decoding}, decoding


def run_study(params: Params, space: Space, progress: SearchProgress, crew: Crew) -> None:
    """Run one study to its end, and add it to the progress."""
    fixed = progress.values
    base = with_values(params, fixed)
    conditions = conditions_here(base, space, crew.known.files)
    name = study_name(conditions, params.tune, space)
    search = Search(name, params.tune, space, epochs=int(params.train.epochs))
    progress.searches.append(search)
    ours = tuple(f"{one.name}-" for one in progress.searches)
    progress.incomparable |= begin(
        search, crew, conditions, present_values(base, list(space)), ours=ours
    )
    jobs = TrialJobs(
        search, params=params, fixed=fixed, trainings=Trainings(crew.known), weights=crew.weights
    )
    crew.run(jobs)
    is_exhausted = search.combinations is not None and not search.untried()
    if search.is_settled() and len(search.spent()) < params.tune.trials and not is_exhausted:
        crew.board.note(why_it_ended(search))


def candidates(progress: SearchProgress, params: Params) -> list[Candidate]:
    """Return the best few: of several trainings each with the decoding that was found."""
    top = max(1, params.tune.confirm.top)
    first, *more = progress.searches
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


def write_artefacts(folder: Path, progress: SearchProgress) -> None:
    """Write everything of metrics/tune into `folder` but for the pictures."""
    write_trials(folder, progress.searches)
    more: dict[str, Any] = {}
    confirming = 0.0
    if progress.confirmation:
        confirming = progress.confirmation.seconds
        row = progress.confirmation.winner
        more |= {"score": round(row.measured.score, 4), "better": progress.confirmation.is_better}
        if row.difference:
            more |= {f"difference_{k}": round(v, 4) for k, v in row.difference._asdict().items()}
        write_best(folder, progress.best)
    write_summary(
        folder,
        progress.searches,
        confirming=confirming,
        incomparable=progress.incomparable,
        more=more,
    )


def _label(attributes: Mapping[str, Any], name: str) -> str:
    """Return what a reader can look for: a trial's own name, or that of the experiment told."""
    source = str(attributes.get("source", ""))
    return source if source.startswith("experiment ") else f"trial {name}"


def _data(known: Known) -> Mapping[str, Any]:
    cleaned = read_json(CLEAN_METRICS, made_by="dvc repro clean")
    read = {f"{split}.csv": split_facts["md5"] for split, split_facts in cleaned.items()}
    return read | {path: known.files[path] for path in DATA}
