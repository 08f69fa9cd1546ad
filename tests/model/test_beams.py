"""The beams of one source read the same keys and values, which are kept once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    DynamicCache,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from stages.model import seq2seq
from stages.model.beams import BeamCache, SourceCache
from stages.params import load_params
from tests.conftest import ROOT

BEAMS = 3
SOURCES = [[5, 6, 7, 8, 9, 10, 11], [12, 6, 13], [9, 9]]


def bart(attention: str) -> Any:
    torch.manual_seed(0)
    shape = {f"{part}_{what}": n for part in ("encoder", "decoder") for what, n in SHAPE.items()}
    config = BartConfig(
        vocab_size=40,
        d_model=16,
        max_position_embeddings=64,
        init_std=0.5,  # so that logits are far apart
        attn_implementation=attention,
        **shape,
    )
    return BartForConditionalGeneration(config).eval()


SHAPE = {"layers": 2, "attention_heads": 2, "ffn_dim": 32}


def t5(attention: str) -> Any:
    torch.manual_seed(0)
    config = T5Config(
        d_model=16,
        d_ff=32,
        d_kv=8,
        num_heads=2,
        num_layers=2,
        vocab_size=40,
        decoder_start_token_id=0,
        initializer_factor=3.0,
        attn_implementation=attention,
    )
    return T5ForConditionalGeneration(config).eval()


@contextmanager
def each_beam_its_own(_model: Any, _beams: int) -> Iterator[BeamCache]:
    """Stand in for `shared_sources`: what `generate` does by itself."""
    yield BeamCache(DynamicCache(), DynamicCache())


def decoded(model: Any) -> list[list[int]]:
    settings = load_params(ROOT / "params.yaml").generate.model_copy(
        update={"num_beams": BEAMS, "max_new_tokens": 12}
    )
    [batch] = seq2seq.encode_batches(model, SOURCES, tokens=100)
    return seq2seq.decode_batch(model, batch, settings)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("make", [bart, t5])
def test_the_beams_write_what_they_write_with_copies(
    make: Any, attention: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, model = ALL_ATTENTION_FUNCTIONS["sdpa"], make(attention)
    shared = decoded(model)
    assert ALL_ATTENTION_FUNCTIONS["sdpa"] is before
    monkeypatch.setattr(seq2seq, "shared_sources", each_beam_its_own)
    assert shared == decoded(model)
    assert len({tuple(one) for one in shared}) > 1


def test_a_source_is_kept_once_for_all_its_beams(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    update = SourceCache.update

    def watched(cache: SourceCache, keys: torch.Tensor, *args: Any) -> Any:
        found = update(cache, keys, *args)
        kept.extend([len(keys), len(found[0])])
        return found

    monkeypatch.setattr(SourceCache, "update", watched)
    decoded(bart("sdpa"))
    assert kept == [BEAMS * len(SOURCES), len(SOURCES)] * 2  # of each layer


def test_an_attention_that_breaks_off_leaves_the_one_that_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, model = ALL_ATTENTION_FUNCTIONS["sdpa"], bart("sdpa")

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model, "generate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decoded(model)
    assert ALL_ATTENTION_FUNCTIONS["sdpa"] is before
