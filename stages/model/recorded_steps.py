"""Training steps that are recorded, one for each shape of a batch, and replayed.

Forward and backward pass are; clipping and optimizer stay outside. The arithmetic, and the numbers
that dropout draws, are those of the plain step.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import torch

from stages.command.progress import say
from stages.model.adapter import is_quantized
from stages.model.device import resolve_precision
from stages.params import Train

Inputs = dict[str, torch.Tensor]
Step = Callable[[Inputs, torch.Tensor], torch.Tensor]
"""Goes forward and backward over a batch; takes the tokens that its optimizer step learns, returns
the loss."""
ASK_FOR_VALUES = frozenset({"led", "longt5"})
"""Kinds of models whose forward pass waits for what the GPU has computed, which no graph can."""


class Graph(Protocol):
    """What was recorded."""

    def replay(self) -> None:
        """Compute it again, with what stands in its inputs now."""


class Recorder(Protocol):
    """How steps are run and recorded: `cuda_graphs.Cuda`."""

    def run(self, step: Callable[[], torch.Tensor]) -> torch.Tensor:
        """Run a step so that it may be recorded the next time."""

    def record(self, step: Callable[[], torch.Tensor]) -> tuple[Graph, torch.Tensor] | None:
        """Record a step, without running it; return the graph and where it puts the loss.

        None where the memory does not suffice.
        """


class Recording(NamedTuple):
    """A graph and the memory that it reads and writes."""

    graph: Graph
    inputs: Inputs
    tokens: torch.Tensor
    loss: torch.Tensor


class RecordedSteps:
    """Runs a step plainly where its shape is new, records it when that comes again, and replays it.

    Gradients stay where they are in memory, for the graphs write there: the Trainer lets go of them
    after each optimizer step, and the next one takes them up again, set to zero. Where a model
    cannot be recorded, all goes on plainly, and a line says so; where the memory does not suffice
    for a shape, that one does.
    """

    def __init__(self, weights: Iterable[torch.nn.Parameter], recorder: Recorder) -> None:
        """Take all weights of the model."""
        self.weights = list(weights)
        self.recorder = recorder
        self.gradients: dict[torch.nn.Parameter, torch.Tensor] = {}
        self.met: set[tuple[torch.Size, ...]] = set()
        self.recordings: dict[tuple[torch.Size, ...], Recording] = {}
        self.too_large: set[tuple[torch.Size, ...]] = set()
        self.gave_up = False

    def __call__(self, step: Step, inputs: Inputs, tokens: torch.Tensor) -> torch.Tensor:
        """Do what `step` does with a batch."""
        if self.gave_up:
            return step(inputs, tokens)
        self._take_up_gradients()
        shape = tuple(value.shape for value in inputs.values())
        if shape in self.met and shape not in self.recordings.keys() | self.too_large:
            self._record(shape, step, inputs, tokens)
        if shape in self.recordings:
            return self._replay(self.recordings[shape], inputs, tokens)
        self.met.add(shape)
        loss = self.recorder.run(lambda: step(inputs, tokens))
        self.gradients = {w: w.grad for w in self.weights if w.grad is not None}
        return loss

    def _take_up_gradients(self) -> None:
        lost = [weight for weight in self.gradients if weight.grad is None]
        if lost:
            torch._foreach_zero_([self.gradients[weight] for weight in lost])
        for weight in lost:
            weight.grad = self.gradients[weight]

    def _record(
        self, shape: tuple[torch.Size, ...], step: Step, inputs: Inputs, tokens: torch.Tensor
    ) -> None:
        own, count = {name: value.clone() for name, value in inputs.items()}, tokens.clone()
        try:
            recorded = self.recorder.record(lambda: step(own, count))
        except RuntimeError as error:
            # What came first: the recording's own end fails too, and with less to say.
            first = error.__context__
            if isinstance(first, KeyboardInterrupt):
                raise first from None
            self.gave_up = True
            self.recordings.clear()
            said = first if isinstance(first, RuntimeError) else error
            reason = " ".join(str(said).split())[:120]
            say(f"train: steps cannot be recorded as CUDA graphs, and take longer ({reason})")
            return
        if recorded:
            self.recordings[shape] = Recording(recorded[0], own, count, recorded[1])
            return
        if not self.too_large:
            say("train: the memory does not suffice to record every step; the others take longer")
        self.too_large.add(shape)

    @staticmethod
    def _replay(recording: Recording, inputs: Inputs, tokens: torch.Tensor) -> torch.Tensor:
        for name, value in inputs.items():
            recording.inputs[name].copy_(value, non_blocking=True)
        recording.tokens.copy_(tokens, non_blocking=True)
        recording.graph.replay()
        return recording.loss.clone()


def may_record(model: Any, train: Train) -> bool:
    """Tell whether nothing is against recording the steps of a training.

    Several processes send gradients while they compute them, activations that are computed again
    ask for the state of the random numbers, four-bit weights are unfolded by another library, the
    scale of fp16 changes outside, and a layer that is left out by chance would be so for ever.
    """
    config = model.config
    drops = (f"{part}layerdrop" for part in ("", "encoder_", "decoder_"))
    return (
        train.processes == 1
        and not train.gradient_checkpointing
        and not is_quantized(model)
        and resolve_precision(train.precision) != "fp16"
        and config.model_type not in ASK_FOR_VALUES
        and not any(getattr(config, name, None) for name in drops)
    )
