"""`generate()` of transformers, and what every engine that decodes can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from stages.model.device import tuning
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
        it is decoded with: the batches do not depend on the settings. Where the memory does not
        suffice for a batch, it and what waits behind it come in batches of half as many tokens.
        """
        self.model = model
        self.kind = kind_of(model.config)
        self.tuning = tuning(model.device)
        self.tokens = self.tuning.TOKENS_IN_BATCH
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
        summaries: dict[int, list[int]] = {}
        while waiting := [i for i in range(len(sources)) if i not in summaries]:
            try:
                for batch, decoded in self._decode([sources[i] for i in waiting], settings):
                    summaries |= zip([waiting[row] for row in batch.rows], decoded, strict=True)
                    on_batch(len(batch.rows))
            except torch.OutOfMemoryError:
                if self.tokens <= longest:
                    raise
            else:
                break
            self.tokens //= 2
            self.encoded.clear()
            torch.cuda.empty_cache()
        return [summaries[i] for i in range(len(sources))]

    def _decode(
        self, sources: Sequence[Sequence[int]], settings: Generate
    ) -> Iterator[tuple[Any, list[list[int]]]]:
        key = hash(tuple(map(tuple, sources))) if self.keeps_encoded else 0
        with self.tuning.fast_decoding():
            batches = self.encoded.get(key) or self.kind.encode_batches(
                self.model, sources, tokens=self.tokens
            )
            if self.keeps_encoded:
                batches = self.encoded[key] = list(batches)
            for batch in batches:
                yield batch, self.kind.decode_batch(self.model, batch, settings)

    def hypotheses(self, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
        with self.tuning.fast_decoding():
            found: list[Hypothesis] = self.kind.hypotheses(self.model, source, settings)
        return found
