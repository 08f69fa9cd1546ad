"""Running out of memory, on the CPU or the GPU, as one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from stages.command.errors import UserError


@contextmanager
def memory_for(purpose: str, *, way_out: str) -> Iterator[None]:
    """Turn the end of the memory inside the block into a `UserError` that names the way out."""
    try:
        yield
    except (torch.OutOfMemoryError, RuntimeError, MemoryError) as error:
        lacking = isinstance(error, torch.OutOfMemoryError | MemoryError)
        if not lacking and "allocate memory" not in str(error):
            raise
        raise UserError(f"the memory does not suffice for {purpose}: {way_out}") from None
