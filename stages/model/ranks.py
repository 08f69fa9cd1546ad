"""A training in several processes, from their owner's side: started, heard, ended.

They meet as those of torchrun do, by the environment variables of torch.distributed. torchrun is
not what starts them: it hears no epochs, and prints a table in place of a failed rank's sentence.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from stages.command.errors import BatchTooLargeError, NoScoreError, UserError
from stages.command.gpus import visible_gpus
from stages.model.rank import RANK, Start

HOST = "127.0.0.1"
ERRORS = {kind.__name__: kind for kind in (UserError, NoScoreError, BatchTooLargeError)}
POLL, LAST_WORDS = 0.05, 0.5
"""Seconds between two looks at the processes; seconds in which an ended one is still heard."""


def train_in_ranks(
    module: str, processes: int, start: Start, *, on_epoch: Callable[[float, float], None]
) -> None:
    """Run `python -m MODULE` in so many processes, which train one model together.

    Each finds its `start`, with the number of the pipe filled in. Whatever ends one of them ends
    all: its sentence becomes an error of the same kind here, and so does what `on_epoch` raises.
    """
    from torch import distributed

    store = distributed.TCPStore(HOST, 0, is_master=True, wait_for_workers=False)  # type: ignore[attr-defined]
    meeting = {"MASTER_ADDR": HOST, "MASTER_PORT": str(store.port), "WORLD_SIZE": str(processes)}
    # The address is held already, by this store: no other program can take it meanwhile.
    shared = meeting | {"TORCHELASTIC_USE_AGENT_STORE": "True"} | resources(processes)
    shared |= {"TORCH_CPP_LOG_LEVEL": "ERROR"}  # it would remark that no parameter was unused
    reading, writing = os.pipe()
    lines, listener = _lines(reading)
    here = {RANK: json.dumps(start._replace(pipe=writing)._asdict())}
    ranks: list[subprocess.Popen[bytes]] = []
    try:
        with os.fdopen(writing, "wb"):  # here it is closed, once all ranks have it
            for rank in range(processes):
                numbers = {"RANK": str(rank), "LOCAL_RANK": str(rank)}
                ranks.append(
                    subprocess.Popen(
                        [sys.executable, "-m", module],
                        env=os.environ | shared | here | numbers,
                        pass_fds=[writing],
                        stdout=subprocess.DEVNULL if rank else None,  # the first speaks for all
                    )
                )
        _hear(ranks, lines, on_epoch)
    finally:
        for process in ranks:
            process.kill()
            process.wait()
        listener.join()  # it has come to the end: nobody is left who could write


def resources(processes: int) -> dict[str, str]:
    """Return what each process is given: a GPU where there are some, else its share of the cores.

    Raises `UserError` where there are GPUs, and too few.
    """
    gpus = visible_gpus()
    if not gpus:
        threads = max(1, len(os.sched_getaffinity(0)) // processes)
        return {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(threads))}
    if len(gpus) < processes:
        raise UserError(
            f"train.processes: each of the {processes} needs a GPU, and there are {len(gpus)}; "
            "lower it"
        )
    return {"CUDA_VISIBLE_DEVICES": ",".join(gpus[:processes])}


def _hear(
    ranks: Sequence["subprocess.Popen[bytes]"],
    lines: "queue.SimpleQueue[str]",
    on_epoch: Callable[[float, float], None],
) -> None:
    """Take in what the ranks tell until all have ended well."""
    while True:
        codes = [process.poll() for process in ranks]
        ended, failed = all(code == 0 for code in codes), any(codes)
        try:
            told: dict[str, Any] = json.loads(lines.get(timeout=LAST_WORDS if failed else POLL))
        except queue.Empty:
            if failed:
                raise UserError(_how_it_ended(codes)) from None
            if ended:
                return
            continue
        if "error" in told:
            raise ERRORS[told["error"]](told["sentence"])
        on_epoch(told["epoch"], told["score"])


def _how_it_ended(codes: Sequence[int | None]) -> str:
    # One that was killed takes the others with it, which lose sight of it.
    code, rank = min((code, rank) for rank, code in enumerate(codes) if code)
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    return f"train.processes: process {rank + 1} of {len(codes)} {how}, and so has the training"


def _lines(pipe: int) -> tuple["queue.SimpleQueue[str]", threading.Thread]:
    """Return what comes out of a pipe, line by line, as it comes, and who listens."""
    found: queue.SimpleQueue[str] = queue.SimpleQueue()

    def listen() -> None:
        with os.fdopen(pipe, encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):  # else the rank died as it wrote
                    found.put(line)

    listener = threading.Thread(target=listen, daemon=True, name="ranks")
    listener.start()
    return found, listener
