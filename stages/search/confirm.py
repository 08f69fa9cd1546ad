"""The best few and the present params over seeds: whether the winner is more than luck."""

import math
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
from stages.search.known import Known, Trainings
from stages.search.seed_runs import SEED, SeedRuns
from stages.workers.messages import Job, WorkerMessage, key_of

SEEDS = 2**32
"""After the last seed comes 0."""


def confirm(
    params: Params, candidates: Sequence[Candidate], present: Candidate, crew: Crew
) -> Confirmation:
    """Train what is missing and compare the candidates with the present params over seeds.

    After two seeds each, and after each further one, those that are worse than the best by more
    than noise are trained no more, and nobody is once the best is better than the present params.
    What an experiment has measured already, such as the trial itself, is not trained again. A
    candidate that fails with one of the seeds is out.
    """
    most = params.tune.confirm.seeds if params.tune.confirm.top else 1
    seeds = [(params.train.seed + i) % SEEDS for i in range(most)]
    others = [one for one in candidates if key_of(one.values) != key_of(present.values)]
    everyone = racing = [present, *others]
    failed: dict[str, WorkerMessage] = {}
    found: dict[str, list[tuple[Experiment, Measured]]] = {}
    for n in range(min(most, 2), most + 1):
        jobs = {one.label: [_job(one, seed, seeds[0]) for seed in seeds[:n]] for one in racing}
        needed = [job for several in jobs.values() for job in several]
        measured, failures = _train(needed, params, present, crew)
        for label, several in jobs.items():
            if lost := next((failures[job.name] for job in several if job.name in failures), None):
                failed[label] = lost
                found.pop(label, None)
                crew.board.note(
                    f"{label}: out, for it gives no score with every seed: {lost.reason}"
                )
            else:
                found[label] = [measured[_key(job)] for job in several]
        if not found:
            reasons = "; ".join(f"{label}: {lost.reason}" for label, lost in failed.items())
            raise UserError(f"no candidate gives a score with every seed: {reasons}")
        confirmation = _side_by_side(found, everyone, seeds[:n], failed)
        racing = undecided(confirmation, racing)
        if not racing:
            break
    return confirmation


def undecided(confirmation: Confirmation, racing: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that another seed may tell more of; none where all is decided.

    So a clear winner is confirmed for half of the trainings, at 0.04 points at most:
    `python -m benchmarks.confirm_race`.
    """
    best = confirmation.winner.measured
    if confirmation.is_better:
        return []
    rows = compare(
        [row.measured for row in confirmation.rows], baseline=best, noise=confirmation.noise
    )
    worse = {row.measured.name for row in rows if row.verdict == "worse"}
    left = [one for one in racing if one.label not in {*worse, *confirmation.failed}]
    return left if len(left) > 1 else []


def _side_by_side(
    found: Mapping[str, Sequence[tuple[Experiment, Measured]]],
    everyone: Sequence[Candidate],
    seeds: Sequence[int],
    failed: Mapping[str, WorkerMessage],
) -> Confirmation:
    averaged = {label: average(label, [m for _, m in several]) for label, several in found.items()}
    baseline = averaged.get(everyone[0].label)
    noise = seed_noise([one.scores for one in averaged.values()]) or _noise_of(baseline)
    return Confirmation(
        candidates={one.label: one for one in everyone},
        rows=compare(list(averaged.values()), baseline=baseline, noise=noise),
        experiments={label: several[0][0].name for label, several in found.items()},
        seeds=seeds,
        failed=failed,
        noise=noise,
        seconds=_spent(found, everyone, seeds),
    )


def _spent(
    found: Mapping[str, Sequence[tuple[Experiment, Measured]]],
    everyone: Sequence[Candidate],
    seeds: Sequence[int],
) -> float:
    """Return the seconds of the trainings with further seeds, and of the present params' first.

    The trials' own are the search's; those of other experiments are nobody's here.
    """
    further = {_job(one, seed, seeds[0]).name for one in everyone for seed in seeds[1:]}
    own = {everyone[0].stem, *further}
    spent = {
        one.metrics.get(str(TRAIN_METRICS), {}).get("weights"): one.seconds
        for several in found.values()
        for experiment, one in several
        if experiment.name in own and one.seconds is not None
    }
    return sum(spent.values())


def _train(
    jobs: Sequence[Job], params: Params, present: Candidate, crew: Crew
) -> tuple[dict[str, tuple[Experiment, Measured]], Mapping[str, WorkerMessage]]:
    """Run those jobs that nothing has measured; return what is, and how jobs failed, by name."""
    measured = _measured(params, present, crew.known)
    missing = [job for job in jobs if _key(job) not in measured]
    runs = SeedRuns(params, missing, Trainings(crew.known), crew.weights)
    crew.run(runs)
    return _measured(params, present, crew.known), runs.failed


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


def _job(candidate: Candidate, seed: int, first: int) -> Job:
    name = candidate.stem if seed == first else f"{candidate.stem}-s{seed}"
    return Job(name, {**candidate.values, SEED: seed})


def _key(job: Job) -> str:
    return key_of(job.values)
