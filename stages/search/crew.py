"""What a search works with, handed on as one."""

from dataclasses import dataclass, replace

from stages.search.disk import Weights
from stages.search.known import Known, look
from stages.workers.board import Board
from stages.workers.pool import JobSource, Pool, run_jobs


@dataclass
class Crew:
    """Who trains, who shows it, whose weights are kept, and what is known already."""

    pool: Pool
    board: Board
    weights: Weights
    known: Known

    def run(self, jobs: JobSource) -> None:
        """Run all jobs; after them there is more to be known."""
        if run_jobs(jobs, self.pool, self.board):
            self.known = replace(look(), files=self.known.files)  # those that the clones have
