"""The best few and the present params over seeds: whether the winner is more than luck."""

import math
import re
import statistics
from collections.abc import Mapping, Sequence

from stages.command.errors import UserError
from stages.comparison.measured import Measured, average, measure
from stages.comparison.noise_floor import NoiseFloor, least_difference, noise_key, read_noise
from stages.comparison.verdicts import compare
from stages.experiments.listing import Experiment
from stages.params import Params
from stages.paths import TRAIN_METRICS
from stages.search.conditions import conditions_here, conditions_of
from stages.search.confirmation import Candidate, Confirmation
from stages.search.crew import Crew
from stages.search.disk import Weights
from stages.search.known import PRESENT, Known, Trainings
from stages.search.space import with_values
from stages.workers.messages import Job, WorkerMessage, key_of, read_result

SEED = "train.seed"
SEED_RUN = re.compile(r"-s\d+$")
"""How the names of the trainings with further seeds end."""


class SeedRuns:
    """The trainings that the candidates still need; a `pool.JobSource`."""

    def __init__(
        self, params: Params, jobs: Sequence[Job], trainings: Trainings, weights: Weights
    ) -> None:
        """Take the jobs, whose values are to be put into `params`."""
        self.params, self.jobs = params, list(jobs)
        self.trainings, self.weights = trainings, weights
        self.failed: dict[str, WorkerMessage] = {}

    def next_job(self) -> Job | None:
        """Return the first job whose training no other job is doing at the moment."""
        for waiting in self.jobs:
            job = self.trainings.job(waiting, self._params(waiting))
            if job:
                self.jobs.remove(waiting)
                return job
        return None

    def go_on(self, job: Job, message: WorkerMessage) -> bool:
        """Let every training run to its end."""
        return True

    def end(self, job: Job, message: WorkerMessage) -> None:
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
    params: Params, candidates: Sequence[Candidate], present: Candidate, crew: Crew
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
    failures = _train(list(jobs.values()), params, present, crew)
    measured = _measured(params, present, crew.known)
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
    return Confirmation(
        candidates={one.label: one for one in everyone},
        rows=compare(list(averaged.values()), baseline=baseline, noise=noise),
        experiments={label: several[0][0].name for label, several in found.items()},
        seeds=seeds,
        failed=failed,
        noise=noise,
        seconds=_spent(jobs, found),
    )


def _spent(
    jobs: Mapping[tuple[str, int], Job],
    found: Mapping[str, Sequence[tuple[Experiment, Measured]]],
) -> float:
    """Return the seconds of the trainings with further seeds, and of the present params' first.

    The trials' own are the search's; those of other experiments are nobody's here.
    """
    spent = {}
    for (label, _), job in jobs.items():
        is_own = SEED_RUN.search(job.name) or label == PRESENT
        for experiment, one in found.get(label, ()):
            if is_own and experiment.name == job.name and one.seconds is not None:
                weights = one.metrics.get(str(TRAIN_METRICS), {}).get("weights")
                spent[weights] = one.seconds
    return sum(spent.values())


def _train(
    jobs: Sequence[Job], params: Params, present: Candidate, crew: Crew
) -> Mapping[str, WorkerMessage]:
    """Run those jobs that nothing has measured; return how those failed that did, by name."""
    measured = _measured(params, present, crew.known)
    missing = [job for job in jobs if key_of(job.values) not in measured]
    runs = SeedRuns(params, missing, Trainings(crew.known), crew.weights)
    crew.run(runs)
    return runs.failed


def seed_noise(scores: Sequence[Sequence[float]]) -> NoiseFloor | None:
    """Return what seeds alone do, pooled over candidates; None where each had one seed.

    By the pooled standard deviation, with as many degrees of freedom as there are.
    Candidates that score 0 with every seed are left out: where nothing is written nothing moves,
    and their deviation of 0 would make the noise of the others look smaller than it is.
    """
    moving = [one for one in scores if len(one) > 1 and max(one) > 0]
    if not moving:
        return None
    spread = [statistics.variance(one) for one in moving]
    freedom = sum(len(one) - 1 for one in moving)
    return NoiseFloor("", least_difference(math.sqrt(statistics.mean(spread)), freedom))


def _noise_of(baseline: Measured | None) -> NoiseFloor | None:
    """Return what `stages.noise` has measured, if it was with these params and data."""
    noise = read_noise()
    return noise if baseline and noise and noise.key == noise_key(baseline) else None


def _measured(
    params: Params, like: Candidate, known: Known
) -> dict[str, tuple[Experiment, Measured]]:
    """Return what was measured, by values and seed, where everything else is as here."""
    keys = [*like.values, SEED]
    here = conditions_here(params, keys, known.files)
    found: dict[str, tuple[Experiment, Measured]] = {}
    for one in known.experiments:
        if one.rouge_mean is None or one.stale or conditions_of(one, keys) != here:
            continue
        measured = measure(one, known.seconds)
        if measured and measured.per_dialogue is not None:
            found.setdefault(key_of({key: one.params[key] for key in keys}), (one, measured))
    return found


def _run_name(candidate: Candidate, seed: int, first: int) -> str:
    return candidate.stem if seed == first else f"{candidate.stem}-s{seed}"
