"""The best few and the present params over seeds: whether the winner is more than luck."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stages.command.cost import read_seconds
from stages.command.errors import UserError
from stages.params import Params
from stages.search.board import Board
from stages.search.comparison import Row, compare
from stages.search.conditions import conditions_here, conditions_of, key_of
from stages.search.experiments import Experiment, list_experiments
from stages.search.jobs import Job, Message, read_result
from stages.search.loop import run_jobs
from stages.search.measured import Measured, average, measure
from stages.search.noise_floor import T_975, NoiseFloor, fingerprint, read_noise
from stages.search.pool import Pool
from stages.search.space import Values, with_values
from stages.search.warm_start import PRESENT, Trainings
from stages.search.weights import Weights

SEED = "train.seed"


@dataclass(frozen=True)
class Candidate:
    """Values that may win."""

    label: str
    """`trial tune-0123abcd-7`, or `present params`."""
    stem: str
    """What the names of its experiments begin with."""
    values: Values
    """A value for every searched key."""


@dataclass(frozen=True)
class Confirmation:
    """The candidates side by side."""

    candidates: Mapping[str, Candidate]
    """By label."""
    rows: Sequence[Row]
    """The best mean first; each row's `measured.name` is the label of a candidate."""
    experiments: Mapping[str, str]
    """Label → the experiment with the seed of params.yaml."""
    seeds: Sequence[int]
    failed: Mapping[str, Message]
    """Label → how one of its trainings failed."""
    noise: NoiseFloor | None
    """What seeds alone do."""

    @property
    def winner(self) -> Row:
        """The row with the best mean."""
        return self.rows[0]

    @property
    def is_better(self) -> bool:
        """Tell whether the winner is better than the present params, and not by noise alone.

        It is as well where those can give no score and it scores above 0; not where a machine
        failed them.
        """
        lost = self.failed.get(PRESENT)
        has_score = self.winner.measured.score > 0
        return self.winner.verdict == "better" or (has_score and lost is not None and lost.no_score)


class SeedRuns:
    """The trainings that the candidates still need; a `loop.Source`."""

    def __init__(
        self, params: Params, jobs: Sequence[Job], trainings: Trainings, weights: Weights
    ) -> None:
        """Take the jobs, whose values are to be put into `params`."""
        self.params, self.jobs = params, list(jobs)
        self.trainings, self.weights = trainings, weights
        self.failed: dict[str, Message] = {}

    def next_job(self) -> Job | None:
        """Return the first job whose training no other job is doing at the moment."""
        for waiting in self.jobs:
            job = self.trainings.job(waiting.name, waiting.values, self._params(waiting))
            if job:
                self.jobs.remove(waiting)
                return job
        return None

    def go_on(self, job: Job, message: Message) -> bool:
        """Let every training run to its end."""
        return True

    def end(self, job: Job, message: Message) -> None:
        """Note the model, which another decoding may take; that of another seed is not kept."""
        self.trainings.end(self._params(job), message)
        if message.kind == "failed":
            self.failed[job.name] = message
        if message.kind == "done" and job.values[SEED] != self.params.train.seed:
            self.weights.hold(read_result(message).weights, job.name, float("-inf"))

    def left(self) -> int:
        """Return how many jobs wait."""
        return len(self.jobs)

    def _params(self, job: Job) -> Params:
        return with_values(self.params, job.values)


def confirm(
    params: Params,
    candidates: Sequence[Candidate],
    present: Candidate,
    pool: Pool,
    board: Board,
    weights: Weights,
) -> Confirmation:
    """Train what is missing and compare every candidate with the present params over seeds.

    What an experiment has measured already, such as the trial itself, is not trained again. A
    candidate that fails with one of the seeds is out.
    """
    n = params.tune.confirm.seeds if params.tune.confirm.top else 1
    seeds = range(params.train.seed, params.train.seed + n)
    others = [one for one in candidates if key_of(one.values) != key_of(present.values)]
    everyone = [present, *others]
    jobs = {
        (one.label, seed): Job(_run_name(one, seed, seeds[0]), {**one.values, SEED: seed})
        for one in everyone
        for seed in seeds
    }
    known = _measured(params, present)
    missing = [job for job in jobs.values() if key_of(job.values) not in known]
    failures = _train(missing, params, pool, board, weights)
    measured = _measured(params, present) if missing else known
    failed = {label: failures[job.name] for (label, _), job in jobs.items() if job.name in failures}
    if len(failed) == len(everyone):
        reasons = "; ".join(f"{label}: {message.reason}" for label, message in failed.items())
        raise UserError(f"no candidate gives a score with every seed: {reasons}")
    found = {
        one.label: [measured[key_of(jobs[one.label, seed].values)] for seed in seeds]
        for one in everyone
        if one.label not in failed
    }
    averaged = {label: average(label, [m for _, m in several]) for label, several in found.items()}
    baseline = averaged.get(present.label)
    noise = seed_noise([one.scores for one in averaged.values()]) or _noise_of(baseline)
    rows = compare(list(averaged.values()), baseline=baseline, noise=noise)
    return Confirmation(
        candidates={one.label: one for one in everyone},
        rows=rows,
        experiments={label: several[0][0].name for label, several in found.items()},
        seeds=seeds,
        failed=failed,
        noise=noise,
    )


def _train(
    jobs: Sequence[Job], params: Params, pool: Pool, board: Board, weights: Weights
) -> Mapping[str, Message]:
    """Run the jobs; return how those failed that did, by name."""
    if not jobs:
        return {}
    trainings = Trainings(list_experiments(), conditions=conditions_here(params, [SEED]))
    source = SeedRuns(params, jobs, trainings, weights)
    run_jobs(source, pool, board)
    return source.failed


def seed_noise(scores: Sequence[Sequence[float]]) -> NoiseFloor | None:
    """Return what seeds alone do, pooled over candidates; None where each had one seed.

    `t · s · √2` with the pooled standard deviation s and as many degrees of freedom as there are.
    Candidates that score 0 with every seed are left out: where nothing is written nothing moves,
    and their deviation of 0 would make the noise of the others look smaller than it is.
    """
    moving = [one for one in scores if len(one) > 1 and max(one) > 0]
    if not moving:
        return None
    spread = [statistics.variance(one) for one in moving]
    freedom = sum(len(one) - 1 for one in moving)
    t = T_975[min(freedom, len(T_975)) - 1]
    return NoiseFloor("", t * math.sqrt(2 * statistics.mean(spread)))


def _noise_of(baseline: Measured | None) -> NoiseFloor | None:
    """Return what `stages.noise` has measured, if it was with these params and data."""
    noise = read_noise()
    return noise if baseline and noise and noise.fingerprint == fingerprint(baseline) else None


def _measured(params: Params, like: Candidate) -> dict[str, tuple[Experiment, Measured]]:
    """Return what was measured, by values and seed, where everything else is as here."""
    keys = [*like.values, SEED]
    here = conditions_here(params, keys)
    seconds = read_seconds()
    found: dict[str, tuple[Experiment, Measured]] = {}
    for one in list_experiments():
        if one.rouge_mean is None or one.stale or conditions_of(one, keys) != here:
            continue
        measured = measure(one, seconds)
        if measured and measured.per_dialogue is not None:
            found.setdefault(key_of({key: one.params[key] for key in keys}), (one, measured))
    return found


def _run_name(candidate: Candidate, seed: int, first: int) -> str:
    return candidate.stem if seed == first else f"{candidate.stem}-s{seed}"
