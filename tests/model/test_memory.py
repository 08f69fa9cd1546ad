"""What docs/models.md says KoBART needs is what `train` would say of it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.autograd.graph import get_gradient_edge
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    BartConfig,
    BartForConditionalGeneration,
)

from stages.command.sizes import in_gb
from stages.model.memory import activation_bytes, memory_needed
from stages.params import load_params
from tests.repository import ROOT

PAGES = [ROOT / "docs/models.md", ROOT / "README.ko.md"]
SOURCE, TARGET = 512, 128
ROW = re.compile(r"^\| .*(?:batch|배치) (\d+), bf16.* \| (\S+ GB)[; (]+(\S+ GB)", re.MULTILINE)


@pytest.fixture(scope="module")
def kobart() -> BartForConditionalGeneration:
    """Return a model of KoBART's shape."""
    wide = {"encoder_ffn_dim": 3072, "decoder_ffn_dim": 3072}
    deep = {"encoder_layers": 6, "decoder_layers": 6}
    ids = {"pad_token_id": 3, "bos_token_id": 1, "eos_token_id": 1, "decoder_start_token_id": 1}
    shape = {"vocab_size": 30015, "d_model": 768, "max_position_embeddings": 1026}
    return BartForConditionalGeneration(BartConfig(**shape, **wide, **deep, **ids)).train()


@pytest.mark.parametrize("rows", [16, 50])
def test_the_memory_of_kobart(kobart: BartForConditionalGeneration, rows: int) -> None:
    longest = {
        "input_ids": list(range(10, 10 + SOURCE)),
        "attention_mask": [1] * SOURCE,
        "labels": list(range(10, 10 + TARGET)),
    }
    settings = load_params(ROOT / "params.yaml").train
    needed = tuple(
        in_gb(
            sum(
                memory_needed(kobart, longest, settings, rows=rows, autocast=autocast),
            )
        )
        for autocast in (torch.bfloat16, None)
    )
    for page in PAGES:
        said = {int(n): given for n, *given in ROW.findall(page.read_text(encoding="utf-8"))}
        assert tuple(said[rows]) == needed, page.name


@pytest.mark.parametrize(
    ("kind", "auto"), [("bart", AutoModelForSeq2SeqLM), ("qwen3", AutoModelForCausalLM)]
)
def test_counting_leaves_no_graph_behind(
    pretrained_folder: Callable[[str], Path], kind: str, auto: type
) -> None:
    model = auto.from_pretrained(pretrained_folder(kind)).train()  # type: ignore[attr-defined]
    model.config.pad_token_id = model.config.pad_token_id or 0
    weights = list(model.parameters())

    def mark(*_: object) -> None:
        for weight in weights:
            get_gradient_edge(weight).node.metadata["counted"] = True

    hook = model.register_forward_hook(mark)
    assert activation_bytes(model, [{"input_ids": [5] * 9, "labels": [6] * 5}], None) > 0
    hook.remove()
    # An accumulator of gradients lives as long as a graph that ends in it; these are new ones.
    assert not any("counted" in get_gradient_edge(weight).node.metadata for weight in weights)
