"""One run of a stage at a time in one folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages.command.errors import UserError


@contextmanager
def only_one(stage: str, folder: Path = Path(".dvc/tmp")) -> Iterator[None]:
    """Hold `stage`'s lock, or say who holds it.

    DVC's own lock is released while a command runs, and a stage can outlive a killed `dvc`.
    The lock belongs to the process: however that ends, the lock is gone with it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stage}.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise UserError(
                f"{stage} is already running here (process {file.read().strip()}); "
                "wait for it, or end it and run this again"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
