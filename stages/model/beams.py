"""What the beams of one source share while they are searched: all that they know of it.

`generate()` copies a source's keys and values for each of its beams, and reads every copy at every
token. Here they are there once, and the beams are queries to them that are computed together.
"""

from collections.abc import Callable
from typing import Any

import torch
from transformers import DynamicCache, EncoderDecoderCache
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

BY_SDPA = "sdpa"
"""The attention that is handed queries, keys and values by all models that know it."""


class SourceCache(DynamicCache):
    """Keys and values of sources, of each once, where a model hands them for each of its beams."""

    def __init__(self, beams: int) -> None:
        """Take the beams of a source."""
        # Without a configuration, whose number of layers is, for T5 and ProphetNet, the encoder's.
        super().__init__()
        self.beams = beams

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Keep what is `(sources x beams, heads, length, dim)` as `(sources, …)`, and return it."""
        once = key_states[:: self.beams], value_states[:: self.beams]
        kept: tuple[torch.Tensor, torch.Tensor] = super().update(*once, *args, **kwargs)
        return kept


class BeamCache(EncoderDecoderCache):
    """Keys and values of what the beams of each source have written, and of the source.

    Those of the source are the same for all its beams, which come from no other source: they stay
    where they are, in place of being copied at every token, hundreds of positions long.
    """

    def reorder_cache(self, beam_idx: torch.Tensor) -> None:
        """Let the beams go on from those of `beam_idx`, `(sources x beams,)`."""
        self.self_attention_cache.reorder_cache(beam_idx)


def cache_of(model: Any, beams: int) -> BeamCache:
    """Return the cache with which an encoder-decoder is to search so many beams."""
    shared = beams > 1 and attention_of(model) == BY_SDPA
    return BeamCache(DynamicCache(), SourceCache(beams) if shared else DynamicCache())


def attention_of(model: Any) -> str:
    """Return the name of the attention of an encoder-decoder's decoder."""
    name: str = model.get_decoder().config._attn_implementation  # noqa: SLF001 (it has no other)
    return name


def for_beams(attention: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an attention function so that the beams of a source may share its keys and values."""

    def wrapped(
        module: Any, query: Any, key: Any, value: Any, mask: Any, *args: Any, **kwargs: Any
    ) -> Any:
        beams = len(query) // len(key)
        if beams <= 1:
            return attention(module, query, key, value, mask, *args, **kwargs)
        # (sources x beams, heads, 1, dim) → (sources, heads, beams, dim)
        together = query.unflatten(0, (-1, beams)).squeeze(3).transpose(1, 2)
        seen = mask if mask is None else mask[::beams]
        kwargs["is_causal"] = False  # the beams do not follow one another
        output, weights = attention(module, together, key, value, seen, *args, **kwargs)
        # (sources, beams, heads, dim) → (sources x beams, 1, heads, dim)
        return output.flatten(0, 1).unsqueeze(1), weights

    return wrapped


# For good, and not while something is decoded: threads decode at once, and one that ended would
# take it away from the others. Whatever has as many keys as queries is computed as before.
ALL_ATTENTION_FUNCTIONS[BY_SDPA] = for_beams(ALL_ATTENTION_FUNCTIONS[BY_SDPA])
