"""The trainings that a confirmation still needs, over seeds."""

from collections.abc import Sequence

from stages.params import Params
from stages.search.disk import Weights
from stages.search.known import Trainings
from stages.search.space import with_values
from stages.workers.messages import Job, WorkerMessage, read_result

SEED = "train.seed"


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
