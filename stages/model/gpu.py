"""What makes training and decoding on a GPU fast: few shapes, and no plan to be made for each.

The arithmetic is 2% of a training step of KoBART's size on an H200; launches and new shapes are the
rest. The same names as those of `cpu.py`; `device.tuning` chooses between the two.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock
from typing import Any

import torch
from transformers import masking_utils

from stages.model.cuda_graphs import Cuda

LENGTH_STEP = 64
"""Lengths are rounded up to multiples of it, so that an epoch meets about ten shapes."""
PLACES_STEP = 512
"""The tokens of a batch that are learnt are padded to a multiple of it: to pick as many as there
are would wait for the GPU to count them."""
TOKENS_IN_BATCH = 65_536
"""Source tokens, padding counted, that are decoded at once where the memory suffices: each token
that is written costs a step of launches, however many dialogues it is written for."""


@contextmanager
def fast_step(*, rounded: bool = False) -> Iterator[None]:  # noqa: ARG001 - the CPU's business
    """Let attention be computed by any library but cuDNN, forward and backward, and without a mask.

    To see whether several texts share a row, transformers waits for the GPU; while a step is
    recorded, which cannot wait, it takes it that they do, and its mask shuts out flash attention.
    None share a row here. Threads may be inside at once: the last that leaves changes all back.
    """
    with _inside:
        yield


@contextmanager
def without_cudnn() -> Iterator[None]:
    """Let no attention be cuDNN's.

    It makes a plan for every new shape, which takes tens of milliseconds; in bf16 above all.
    """
    attends = torch.backends.cuda.cudnn_sdp_enabled()  # type: ignore[no-untyped-call]
    torch.backends.cuda.enable_cudnn_sdp(False)
    try:
        yield
    finally:
        torch.backends.cuda.enable_cudnn_sdp(attends)


def recorder() -> Cuda:
    """Return what records training steps."""
    return Cuda()


def fast_decoding() -> Any:
    """Do the same while a model decodes: there every token is a new shape."""
    return fast_step()


def for_decoding(model: Any) -> Any:
    """Return the model with its weights in bf16 where the card computes in it, twice as fast.

    Frequencies of rotary embeddings stay in fp32, as where transformers reads a model in bf16:
    rounded, positions 500 apart are off by a fifth of a radian.
    """
    if not torch.cuda.is_bf16_supported(including_emulation=False):
        return model
    exact = {name: one for name, one in model.named_buffers() if name.endswith("inv_freq")}
    model.to(torch.bfloat16)
    for name, one in exact.items():
        owner, _, last = name.rpartition(".")
        setattr(model.get_submodule(owner), last, one)
    return model


@contextmanager
def _unpacked() -> Iterator[None]:
    """Tell transformers that no texts share a row."""
    find = masking_utils.find_packed_sequence_indices
    masking_utils.find_packed_sequence_indices = _none_are_packed
    try:
        yield
    finally:
        masking_utils.find_packed_sequence_indices = find


def _none_are_packed(_positions: torch.Tensor) -> None:
    """Stand in for transformers' `find_packed_sequence_indices`."""


class _Inside:
    """How many are in a `fast_step`: what it changes is the process's, and no thread's own."""

    def __init__(self) -> None:
        """Start with nobody inside."""
        self.lock = RLock()  # the collector may end a decoding that was given up while it is held
        self.many = 0
        self.changes = ExitStack()

    def __enter__(self) -> None:
        """Change it, the first who comes."""
        with self.lock:
            if not self.many:
                self.changes.enter_context(without_cudnn())
                self.changes.enter_context(_unpacked())
            self.many += 1

    def __exit__(self, *_: object) -> None:
        """Change it back, the last who goes."""
        with self.lock:
            self.many -= 1
            if not self.many:
                self.changes.close()


_inside = _Inside()
