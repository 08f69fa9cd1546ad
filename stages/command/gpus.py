"""The GPUs of this machine, as its driver numbers them: who gets which."""

import os
import shutil
import subprocess
from collections.abc import Sequence


def visible_gpus() -> list[str]:
    """Return the GPUs of this machine, or those of them that CUDA_VISIBLE_DEVICES leaves."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [gpu for gpu in visible.split(",") if gpu]
    if not shutil.which("nvidia-smi"):
        return []
    command = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return result.stdout.split() if result.returncode == 0 else []


def gpus_of(number: int, gpus: Sequence[str], *, each: int) -> list[str]:
    """Return the GPUs of one of several that take `each` in turn.

    >>> [gpus_of(number, ["0", "1", "3"], each=1) for number in range(4)]
    [['0'], ['1'], ['3'], ['0']]
    >>> [gpus_of(number, ["0", "1", "2", "3"], each=2) for number in range(3)]
    [['0', '1'], ['2', '3'], ['0', '1']]
    """
    wanted = range(number * each, number * each + each)
    return list(dict.fromkeys(gpus[i % len(gpus)] for i in wanted))


def take_one_gpu() -> None:
    """Leave this process one GPU: of several the Trainer would make an `nn.DataParallel`."""
    gpus = visible_gpus()
    if len(gpus) > 1:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpus[0]
