"""One run of a stage at a time in one folder."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages.command.errors import UserError


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Make `folder` and hold it; yield False where another process does.

    Whoever holds it may remove it, and an empty one is removed in the end.
    """
    descriptor = _descriptor(folder)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            with contextlib.suppress(OSError):  # not empty, or gone
                folder.rmdir()
            os.close(descriptor)


def _descriptor(folder: Path) -> int | None:
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # removed by who held it
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), folder.stat()):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except FileNotFoundError:  # as above, a moment later
            pass
        os.close(descriptor)


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
