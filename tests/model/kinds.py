"""Tiny pretrained folders as from the hub, one kind each: one layer, 32 units, no download.

The same bytes in every process. `real_folder` is for the tests that need real tokenizers.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.model import (
    kinds_bart,
    kinds_causal,
    kinds_other,
    kinds_pegasus,
    kinds_t5,
    kinds_translation,
)
from tests.model.vocabularies import Texts

KINDS: dict[str, Callable[[Path, Texts], None]] = {
    "bart": kinds_bart.bart,
    "marked": kinds_bart.marked,
    "kobart": kinds_bart.kobart,
    "mbart": kinds_bart.mbart,
    "mbart50": kinds_bart.mbart50,
    "barthez": kinds_bart.barthez,
    "led": kinds_bart.led,
    "t5": kinds_t5.t5,
    "t5-v1_1": kinds_t5.t5_v1_1,
    "pko-t5": kinds_t5.pko_t5,
    "mt5": kinds_t5.mt5,
    "umt5": kinds_t5.umt5,
    "longt5": kinds_t5.longt5,
    "pegasus": kinds_pegasus.pegasus,
    "bigbird-pegasus": kinds_pegasus.bigbird_pegasus,
    "bert2bert": kinds_other.bert2bert,
    "marian": kinds_translation.marian,
    "m2m100": kinds_translation.m2m100,
    "nllb": kinds_translation.nllb,
    "blenderbot": kinds_translation.blenderbot,
    "blenderbot-small": kinds_translation.blenderbot_small,
}
"""Models that read a text and write another."""

CAUSAL_KINDS: dict[str, Callable[[Path, Texts], None]] = {
    "llama": kinds_causal.llama,
    "qwen3": kinds_causal.qwen3,
    "gpt2": kinds_causal.gpt2,
}
"""Models that go on with a text."""

OTHER_KINDS: dict[str, Callable[[Path, Texts], None]] = {"bert": kinds_other.bert}
"""Models that only read."""

REAL = ("kobart", "pko-t5")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "models"


def make_kind(kind: str, folder: Path, texts: Texts) -> None:
    """Make a folder of one kind, whose vocabulary knows the words and characters of `texts`."""
    (KINDS | CAUSAL_KINDS | OTHER_KINDS)[kind](folder, texts)


def real_folder(name: str, folder: Path) -> Path:
    """Copy a real tokenizer and configuration and add weights; skip the test without them."""
    import torch
    from transformers import AutoConfig, AutoModelForSeq2SeqLM

    if not (SHARED / name).is_dir():
        pytest.skip(f"put the tokenizer of {name} into ../shared/models/{name}/ (CONTRIBUTING.md)")
    for file in (SHARED / name).iterdir():
        shutil.copyfile(file, folder / file.name)
    torch.manual_seed(0)
    model = AutoModelForSeq2SeqLM.from_config(AutoConfig.from_pretrained(folder))
    model.save_pretrained(folder)
    return folder
