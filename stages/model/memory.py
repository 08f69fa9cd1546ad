"""The memory that a training will need, told before it begins beside what is free."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from stages.command.sizes import in_gb
from stages.model.kind import kind_of
from stages.model.kinds import room
from stages.params import Train

OPTIMIZER_BYTES = {
    "adamw_torch": 8.0,
    "adamw_8bit": 2.0,
    "paged_adamw_8bit": 2.0,
    "adafactor": 0.1,
    "sgd": 4.0,
    "rmsprop": 8.0,
    "adagrad": 4.0,
}
"""Of an optimizer's state for each trained weight; Adafactor has a row and a column of a matrix."""
GRADIENT_BYTES = 4


class Memory(NamedTuple):
    """Bytes of a training."""

    weights: int
    """Those that stay as they are, and those that are trained."""
    training: int
    """Gradients and the optimizer's state."""
    activations: int
    """Of the longest batch: what the backward pass is to find again."""

    def sentence(self, *, free: int) -> str:
        """Say it for people."""
        return (
            f"needs about {in_gb(sum(self))} of memory: weights {in_gb(self.weights)}, gradients "
            f"and optimizer {in_gb(self.training)}, the longest batch {in_gb(self.activations)}; "
            f"{in_gb(free)} are free"
        )


def memory_needed(
    model: Any,
    longest: dict[str, Any],
    train: Train,
    *,
    rows: int,
    autocast: torch.dtype | None = None,
) -> Memory:
    """Return what a training needs; `longest` is its longest row, `autocast` what it computes in.

    The activations are counted as autograd keeps them: of that row, and for each further one of the
    `rows` what two rows keep more than one. Autocast's copies of the weights come once.
    """
    parameters = list(model.parameters())
    trained = sum(p.numel() for p in parameters if p.requires_grad)
    one = activation_bytes(model, [longest], autocast)
    two = activation_bytes(model, [longest] * 2, autocast) if rows > 1 else one
    return Memory(
        weights=sum(p.numel() * p.element_size() for p in parameters),
        training=int(trained * (GRADIENT_BYTES + OPTIMIZER_BYTES[train.optim])),
        activations=one + (rows - 1) * (two - one),
    )


def activation_bytes(
    model: Any, rows: Sequence[dict[str, Any]], autocast: torch.dtype | None
) -> int:
    """Return the bytes that a forward pass leaves for the backward pass, weights not counted."""
    kind = kind_of(model.config)
    collated = kind.collate(rows, pad=model.config.pad_token_id, most=room(model.config))
    inputs = {key: value.to(model.device) for key, value in collated.items()}
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(saved: torch.Tensor) -> torch.Tensor:
        # The memory and not the tensor: one that is kept here keeps its graph for ever, and with it
        # the accumulators of all gradients, which no CUDA graph is recorded beside. Until all is
        # counted: memory that is freed would be counted once more.
        storage = saved.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage
        return torch.empty(0)

    on = model.device.type
    with (
        torch.random.fork_rng(),  # the training's own numbers stay what they are
        torch.autocast(on, autocast or torch.bfloat16, enabled=autocast is not None),
        torch.autograd.graph.saved_tensors_hooks(keep, lambda nothing: nothing),
    ):
        logits = kind.logits_of_summaries(model, model, inputs)
        torch.nn.functional.log_softmax(logits.float(), dim=-1)
    return sum(storage.nbytes() for storage in kept.values())


def free_memory(on: torch.device) -> int:
    """Return the bytes that are free on a device."""
    if on.type == "cuda":
        return int(torch.cuda.mem_get_info(on)[0])
    import psutil

    return int(psutil.virtual_memory().available)
