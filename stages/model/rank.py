"""One of the processes that train a model together: what it is told, and what it tells its owner.

`ranks.py` starts them. What several of them must not do twice, the first does.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from stages.command.entry import die_with_parent, is_disk_full
from stages.command.errors import UserError

RANK = "YOYAK_RANK"


class Start(NamedTuple):
    """What a rank is started with."""

    parts: int
    """Accumulation steps that each batch is split into, for want of memory."""
    run: str
    """The experiment's name for trackers."""
    checkpoints: str
    """Folder of the checkpoints, which the owner holds."""
    pipe: int = -1
    """The file descriptor on which the owner listens."""


def this_rank() -> Start | None:
    """Return what this process was started with as a rank, or None.

    Raises `UserError` where somebody else's launcher started it: it would train once in each.
    """
    told = os.environ.get(RANK)
    if told is not None:
        return Start(**json.loads(told))
    # Some clusters set RANK and WORLD_SIZE for a single process, too.
    if "LOCAL_RANK" in os.environ or os.environ.get("WORLD_SIZE", "1") != "1":
        raise UserError(
            "train was started by torchrun or accelerate launch, and it starts its processes "
            "itself: set train.processes, then run dvc repro"
        )
    return None


def is_first() -> bool:
    """Tell whether this process is alone, or the first of several."""
    return os.environ.get("RANK", "0") == "0"


class Owner:
    """The process that started this one."""

    def __init__(self, pipe: int) -> None:
        """Take the file descriptor on which it listens."""
        self.pipe = pipe

    def tell(self, **content: object) -> None:
        """Send one line, which the system writes whole."""
        os.write(self.pipe, (json.dumps(content) + "\n").encode())

    def on_epoch(self, epoch: float, score: float) -> None:
        """Tell the score of an epoch; the owner ends all where that is enough."""
        self.tell(epoch=epoch, score=score)


@contextmanager
def one_of_several(start: Start) -> Iterator[Owner]:
    """Be a rank inside the block: on a GPU of its own, gone with its owner, an error told to it."""
    import torch

    die_with_parent()
    owner = Owner(start.pipe)
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    try:
        yield owner
    except UserError as error:
        owner.tell(error=type(error).__name__, sentence=str(error))
        os._exit(1)  # the others wait for it in the middle of a step: no farewell
    except Exception as error:
        if is_disk_full(error):
            owner.tell(error=UserError.__name__, sentence=f"the disk is full ({error})")
        raise
    torch.distributed.destroy_process_group()
