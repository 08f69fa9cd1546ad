"""Decoding one model under many settings: the encoder works once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stages.model import engine
from stages.model.generate import EncodedBatch, check_length, decode_batch, encode_batches
from stages.params import Engine, Generate


class EncodedOnce:
    """`engine.Torch` that keeps what the encoder made of each list of sources it has met.

    The ids are those that `engine.Torch` gives, to the last one: the batches do not depend on the
    settings.
    """

    def __init__(self, model: Any) -> None:
        """Take a model, ready to generate."""
        self.model = model
        self.encoded: dict[int, list[EncodedBatch]] = {}

    def generate(
        self,
        sources: Sequence[Sequence[int]],
        settings: Generate,
        *,
        on_batch: Callable[[int], None] = lambda n: None,
    ) -> list[list[int]]:
        """Decode; see `engine.Summarizer`."""
        check_length(self.model.config, settings)
        key = hash(tuple(map(tuple, sources)))
        if key not in self.encoded:
            self.encoded[key] = list(encode_batches(self.model, sources))
        summaries: list[list[int]] = [[] for _ in sources]
        for batch in self.encoded[key]:
            for i, summary in zip(
                batch.rows, decode_batch(self.model, batch, settings), strict=True
            ):
                summaries[i] = summary
            on_batch(len(batch.rows))
        return summaries


def read_summarizer(folder: Path, name: Engine) -> engine.Summarizer:
    """Read a model as `engine` does; CTranslate2 cannot share the encoder's work."""
    summarizer = engine.read_summarizer(folder, name)
    return EncodedOnce(summarizer.model) if isinstance(summarizer, engine.Torch) else summarizer
