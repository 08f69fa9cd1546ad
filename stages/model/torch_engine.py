"""`generate()` of transformers, and what every engine that decodes can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from stages.model.hypothesis import Hypothesis
from stages.model.kind import kind_of
from stages.params import Generate


class Summarizer(ABC):
    """Something that decodes, whichever engine it is."""

    @abstractmethod
    def generate(
        self,
        sources: Sequence[Sequence[int]],
        settings: Generate,
        *,
        on_batch: Callable[[int], None] = lambda n: None,
    ) -> list[list[int]]:
        """Return the ids of a summary for each of `sources`, in their order.

        `on_batch` is told how many dialogues have been finished since it was told last.
        """

    @abstractmethod
    def hypotheses(self, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
        """Return all beams of one source, the best first; the first is what `generate` returns."""


class Torch(Summarizer):
    """`generate()` of transformers, on the CPU or the GPU."""

    def __init__(self, model: Any, *, keeps_encoded: bool = False) -> None:
        """Take a model, ready to generate.

        With `keeps_encoded` the encoder works once for each list of sources, however many settings
        it is decoded with: the batches do not depend on the settings.
        """
        self.model = model
        self.kind = kind_of(model.config)
        self.keeps_encoded = keeps_encoded
        self.encoded: dict[int, list[Any]] = {}

    def generate(
        self,
        sources: Sequence[Sequence[int]],
        settings: Generate,
        *,
        on_batch: Callable[[int], None] = lambda n: None,
    ) -> list[list[int]]:
        longest = max(map(len, sources), default=0)
        self.kind.check_length(self.model.config, settings, longest=longest)
        key = hash(tuple(map(tuple, sources))) if self.keeps_encoded else 0
        batches = self.encoded.get(key) or self.kind.encode_batches(self.model, sources)
        if self.keeps_encoded:
            batches = self.encoded[key] = list(batches)
        summaries: list[list[int]] = [[] for _ in sources]
        for batch in batches:
            decoded = self.kind.decode_batch(self.model, batch, settings)
            for i, summary in zip(batch.rows, decoded, strict=True):
                summaries[i] = summary
            on_batch(len(batch.rows))
        return summaries

    def hypotheses(self, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
        found: list[Hypothesis] = self.kind.hypotheses(self.model, source, settings)
        return found
