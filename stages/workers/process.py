"""One process of a search, from its owner's side: started in a clone of its own, heard, ended."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO, cast

from stages.command.gpus import gpus_of, visible_gpus
from stages.workers.clone import CLONES, Snapshot, make_clone, outside_of_dvc
from stages.workers.messages import Job, WorkerMessage


class WorkerProcess:
    """One process in a clone of its own."""

    def __init__(
        self,
        number: int,
        messages: "queue.SimpleQueue[tuple[WorkerProcess, WorkerMessage]]",
        snapshot: Snapshot,
        *,
        processes: int,
    ) -> None:
        """Make the clone and start the process; it says `ready` some seconds later.

        `processes` is how many will train in it, each on a GPU of its own.
        """
        self.number = number
        self.job: Job | None = None
        self.is_ready = False
        self.messages = messages
        main = Path.cwd()
        clone = main / CLONES / f"worker-{number}"
        make_clone(main, clone, snapshot)
        self.log = main / CLONES / f"worker-{number}.log"
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stages.workers.worker"],
                cwd=clone,
                env=outside_of_dvc()
                | worker_environment(number, visible_gpus(), processes=processes),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is the owner's to hear
            )
        pipes = self.process.stdin, self.process.stdout
        self.incoming, self.outgoing = cast("tuple[TextIO, TextIO]", pipes)
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, content: Mapping[str, object]) -> None:
        """Send a line; that a worker is gone is said by the thread that listens to it."""
        line = json.dumps(content, ensure_ascii=False) + "\n"
        with contextlib.suppress(BrokenPipeError):
            self.incoming.write(line)
            self.incoming.flush()

    def end(self) -> None:
        """Kill the process and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.incoming.close()

    def last_words(self) -> str:
        """Return the last line of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _listen(self) -> None:
        with self.outgoing:
            for line in self.outgoing:
                if line.endswith("\n"):  # else the worker died as it wrote
                    self.messages.put((self, WorkerMessage(**json.loads(line))))
        self.messages.put((self, WorkerMessage("died")))


def worker_environment(number: int, gpus: Sequence[str], *, processes: int) -> dict[str, str]:
    """Return what is special to one worker: its GPUs, and how its threads wait.

    The number of threads stays what it is in `dvc repro`, for sums in another order differ in their
    last bits. Threads that wait asleep do not fight over few cores.

    >>> [worker_environment(number, ["0", "3"], processes=1) for number in range(3)]
    [{'CUDA_VISIBLE_DEVICES': '0'}, {'CUDA_VISIBLE_DEVICES': '3'}, {'CUDA_VISIBLE_DEVICES': '0'}]
    """
    if not gpus:
        return {"OMP_WAIT_POLICY": "passive"}
    return {"CUDA_VISIBLE_DEVICES": ",".join(gpus_of(number, gpus, each=processes))}
