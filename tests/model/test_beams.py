"""The beams of one source read the same keys and values, which are kept once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import DynamicCache

from stages.model import seq2seq
from stages.model.beams import BeamCache, SourceCache, attention_of
from stages.model.kinds import read_config
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.tokenizer import encode, read_tokenizer
from stages.params import Params
from tests.model.matrix import KINDS, REFUSED

BEAMS = 3
EAGER = {"led", "longt5", "bigbird-pegasus"}
"""Kinds whose decoders know no attention by `sdpa`: each beam keeps its own copy."""

Made = Callable[[str], tuple[Any, list[list[int]], Params]]


@pytest.fixture
def made(
    pretrained_folder: Callable[[str], Path],
    change: Callable[..., Params],
    dialogues: list[tuple[str, str]],
    tmp_path: Path,
) -> Made:
    """Return the function that builds a kind, with sources of several lengths.

    In float64, so that no two beams are so near that rounding decides between them.
    """

    def build(kind: str) -> tuple[Any, list[list[int]], Params]:
        name = str(pretrained_folder(kind))
        params = change(
            *("model.name", name, "generate.num_beams", BEAMS, "generate.max_new_tokens", 8)
        )
        save_pretrained_tokenizer(name, read_config(name), folder=tmp_path)
        tokenizer = read_tokenizer(tmp_path)
        model = seq2seq.build_model(params.model, tokenizer=tokenizer, positions=40, seed=0)
        texts = [dialogues[0][0], dialogues[1][0][:20], dialogues[2][0][:9]]
        sources = [one.ids for one in encode(tokenizer, texts, max_tokens=40)]
        return model.double().eval(), sources, params

    return build


def decoded(model: Any, sources: list[list[int]], params: Params) -> list[list[int]]:
    [batch] = seq2seq.encode_batches(model, sources, tokens=1000)
    return seq2seq.decode_batch(model, batch, params.generate)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != REFUSED])
def test_the_beams_write_what_they_write_with_copies(
    kind: str, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, sources, params = made(kind)
    assert (attention_of(model) != "sdpa") == (kind in EAGER)
    shared = decoded(model, sources, params)
    copies = BeamCache(DynamicCache(), DynamicCache())
    monkeypatch.setattr(seq2seq, "cache_of", lambda *_: copies)
    assert shared == decoded(model, sources, params)
    [layer, *_] = copies.cross_attention_cache.layers
    assert len(layer.keys) == BEAMS * len(sources)


def test_a_source_is_kept_once_for_all_its_beams(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    update = SourceCache.update

    def watched(cache: SourceCache, keys: torch.Tensor, *args: Any) -> Any:
        found = update(cache, keys, *args)
        kept.extend([len(keys), len(found[0])])
        return found

    monkeypatch.setattr(SourceCache, "update", watched)
    model, sources, params = made("bart")
    decoded(model, sources, params)
    assert kept == [BEAMS * len(sources), len(sources)] * model.config.decoder_layers


def test_threads_that_decode_at_once_write_what_each_writes_alone(made: Made) -> None:
    model, sources, params = made("bart")
    alone = [decoded(model, [source], params) for source in sources]
    with ThreadPoolExecutor(len(sources)) as threads:
        together = threads.map(lambda source: decoded(model, [source], params), sources * 4)
    assert list(together) == alone * 4
