"""A study's trials as jobs for the workers."""

from collections.abc import Mapping
from dataclasses import replace

from stages.params import Params, Value
from stages.search.disk import Weights
from stages.search.known import Trainings
from stages.search.space import with_values
from stages.search.study import Search
from stages.workers.messages import Job, WorkerMessage


class TrialJobs:
    """Asks a study for values and tells it what they gave; a `pool.JobSource`."""

    def __init__(
        self,
        search: Search,
        *,
        params: Params,
        fixed: Mapping[str, Value],
        trainings: Trainings,
        weights: Weights,
    ) -> None:
        """Take the present params, and `fixed`: values that an earlier search has settled."""
        self.search, self.params, self.fixed = search, params, fixed
        self.trainings, self.weights = trainings, weights
        self.held: Job | None = None

    def next_job(self) -> Job | None:
        """Return the next trial; while another one trains the same model, wait for that."""
        asked = self.held or self.search.ask()
        self.held = None
        if asked is None:
            return None
        values = {**self.fixed, **asked.values}
        job = self.trainings.job(replace(asked, values=values), with_values(self.params, values))
        if job is None:
            self.held = asked
        return job

    def go_on(self, job: Job, message: WorkerMessage) -> bool:
        """Ask the study's pruner."""
        return self.search.report(job.name, epoch=message.epoch, score=message.score)

    def end(self, job: Job, message: WorkerMessage) -> None:
        """Tell the study; then let go of the weights that are not among the best."""
        self.trainings.end(with_values(self.params, job.values), message)
        result = self.search.end(job.name, message)
        if result:
            self.weights.add(result.weights, job.name, result.score)

    def left(self) -> int:
        """Return how many trials are still to be run."""
        return self.search.left() + (self.held is not None)
