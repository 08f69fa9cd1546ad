"""CUDA graphs: one launch for a whole training step, where KoBART's has thousands of them.

https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch

STEPS_IN_MEMORY = 3
"""Times the memory of the largest step that is to be free where steps are recorded: for the graphs,
for a plain step of a new shape, and for what lies unused between them."""


class Cuda:
    """Records on the GPU at hand; all graphs share the memory of their intermediate values."""

    def __init__(self) -> None:
        """Take a stream of its own, as recording wants of what runs before it."""
        self.stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self.pool: Any = torch.cuda.graph_pool_handle()
        self.most_bytes = 0
        """What the largest step so far held beside weights and gradients."""

    def run(self, step: Callable[[], torch.Tensor]) -> torch.Tensor:
        """Run a step: libraries set themselves up, which cannot be recorded."""
        torch.cuda.reset_peak_memory_stats()
        held, before = torch.cuda.memory_allocated(), torch.cuda.current_stream()
        self.stream.wait_stream(before)
        try:
            with torch.cuda.stream(self.stream):
                loss = step()
        finally:
            before.wait_stream(self.stream)
        self.most_bytes = max(self.most_bytes, torch.cuda.max_memory_allocated() - held)
        return loss

    def record(
        self, step: Callable[[], torch.Tensor]
    ) -> tuple[torch.cuda.CUDAGraph, torch.Tensor] | None:
        """Record a step; None where what is free would not suffice for it and the plain ones.

        Raises `RuntimeError` where it asks for a value that the GPU has not computed yet, or where
        the memory does not suffice all the same.
        """
        free = torch.cuda.mem_get_info()[0] + torch.cuda.memory_reserved()
        if free - torch.cuda.memory_allocated() < STEPS_IN_MEMORY * self.most_bytes:
            return None
        graph, before = torch.cuda.CUDAGraph(), torch.cuda.current_stream()
        numbers = torch.cuda.default_generators[torch.cuda.current_device()]
        drawn = numbers.clone_state()
        try:
            # Only what this thread does is recorded: another one may ask the card for something.
            with torch.cuda.graph(
                graph, pool=self.pool, stream=self.stream, capture_error_mode="thread_local"
            ):
                loss = step()
        except RuntimeError:
            # A recording that broke off leaves its stream and the generator as they were within.
            torch.cuda.set_stream(before)
            numbers.graphsafe_set_state(drawn)
            torch.cuda.synchronize()
            self._end_allocating()
            raise
        return graph, loss

    def _end_allocating(self) -> None:
        """End what a recording that broke off has begun: no memory would be given back for ever."""
        device = torch.cuda.current_device()
        with suppress(RuntimeError):  # where it had ended already
            torch._C._cuda_endAllocateToPool(device, self.pool)  # noqa: SLF001 (as torch.cuda.memory)
            torch._C._cuda_releasePool(device, self.pool)  # noqa: SLF001
