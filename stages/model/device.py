"""Where a model computes: the GPU or the CPU, its number format, and the end of its memory."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import torch

from stages.command.errors import UserError
from stages.model import cpu, gpu

FORMATS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
"""Names in params.yaml → torch's."""


def device() -> torch.device:
    """Return the GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def tuning(on: torch.device) -> ModuleType:
    """Return what makes a device fast: `cpu` or `gpu`, modules with the same names."""
    return cpu if on.type == "cpu" else gpu


def resolve_precision(precision: str) -> str:
    """Resolve `auto`: bf16 on a GPU that has it, fp16 on an older one, fp32 on a CPU.

    Raises `UserError` for fp16 without a GPU.
    """
    if precision == "fp16" and not torch.cuda.is_available():
        raise UserError("train.precision: fp16 needs a GPU; take auto, fp32 or bf16")
    if precision != "auto":
        return precision
    if not torch.cuda.is_available():
        return "fp32"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


def autocast_format(model: Any, precision: str) -> torch.dtype | None:
    """Return the format that autocast computes in, or None where nothing is cast.

    On a CPU weights in fp32 are not: the copies between the formats take back what a processor with
    bf16 gains by it, and one without is 15 to 50 times slower. There bf16 is `cpu.fast_step`'s. The
    model may stand elsewhere still: the Trainer puts it on the device.
    """
    if device().type == "cpu" and model.dtype == torch.float32:
        return None
    found = FORMATS[resolve_precision(precision)]
    return None if found == torch.float32 else found


@contextmanager
def memory_for(purpose: str, *, remedy: str, error: type[UserError] = UserError) -> Iterator[None]:
    """Turn the end of the memory inside the block into an `error` that names the remedy."""
    try:
        yield
    except (torch.OutOfMemoryError, RuntimeError, MemoryError) as end:
        lacking = isinstance(end, torch.OutOfMemoryError | MemoryError)
        if not lacking and "allocate memory" not in str(end):
            raise
        raise error(f"the memory does not suffice for {purpose}: {remedy}") from None


def release_memory() -> None:
    """Give back what models held that nobody has any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
