"""Tiny pretrained folders of the kinds that descend from T5."""

from pathlib import Path
from typing import Any

from tokenizers import normalizers
from tokenizers.processors import TemplateProcessing

from tests.model.folders import save_model, save_tokenizer
from tests.model.vocabularies import UNKNOWN, Texts, byte_level, nmt_nfkc, pieces

SIZES = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 1, "num_heads": 2}
IDS = {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
SPARE_ROWS = 28
"""The embeddings of the real ones have more rows than the vocabulary has tokens."""


def t5(folder: Path, texts: Texts) -> None:
    """Write T5 1.0: the decoder's output is scaled before the head, which is the embeddings'."""
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(vocab_size=_unigram(folder, texts), **SIZES, **IDS)
    save_model(T5ForConditionalGeneration, config, folder)


def t5_v1_1(folder: Path, texts: Texts) -> None:
    """Write T5 1.1, as flan-t5 is: gated gelu, and a head of its own that nothing scales."""
    from transformers import T5Config, T5ForConditionalGeneration

    _untied(T5ForConditionalGeneration, T5Config, folder, vocab_size=_unigram(folder, texts))


def mt5(folder: Path, texts: Texts) -> None:
    """Write mT5: T5 1.1 with no `<extra_id_0>` among its tokens."""
    from transformers import MT5Config, MT5ForConditionalGeneration

    rows = _unigram(folder, texts, extra_ids=0)
    _untied(MT5ForConditionalGeneration, MT5Config, folder, vocab_size=rows)


def umt5(folder: Path, texts: Texts) -> None:
    """Write umT5: T5 1.1 with a position bias in every layer."""
    from transformers import UMT5Config, UMT5ForConditionalGeneration

    _untied(UMT5ForConditionalGeneration, UMT5Config, folder, vocab_size=_unigram(folder, texts))


def longt5(folder: Path, texts: Texts) -> None:
    """Write LongT5 with transient-global attention: a source is cut into blocks."""
    from transformers import LongT5Config, LongT5ForConditionalGeneration

    _untied(
        LongT5ForConditionalGeneration,
        LongT5Config,
        folder,
        vocab_size=_unigram(folder, texts),
        encoder_attention_type="transient-global",
        local_radius=7,
        global_block_size=4,
        n_positions=4096,
    )


def pko_t5(folder: Path, texts: Texts) -> None:
    """Write what pko-t5 is: T5 1.1 over a byte-level BPE under a class that knows no BPE.

    Its tokenizer.json cuts a text at 64 tokens and its unknown token is `<pad>`.
    """
    from transformers import T5Config, T5ForConditionalGeneration

    tokenizer = byte_level(texts, ["<pad>", "</s>"])
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.add_special_tokens([f"<extra_id_{i}>" for i in range(100)])
    tokenizer.post_processor = TemplateProcessing(
        single="$A </s>", pair="$A $B:1 </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.enable_truncation(64)
    settings = {
        "additional_special_tokens": [f"<extra_id_{i}>" for i in range(100)],
        "eos_token": "</s>",
        "extra_ids": 100,
        "pad_token": "<pad>",
        "tokenizer_class": "T5Tokenizer",
        "unk_token": "<pad>",
    }
    save_tokenizer(tokenizer, folder, **settings)
    _untied(T5ForConditionalGeneration, T5Config, folder, vocab_size=tokenizer.get_vocab_size())


def _unigram(folder: Path, texts: Texts, *, extra_ids: int = 100) -> int:
    """Write T5's tokenizer, and return how many rows the embeddings have."""
    from transformers import T5Tokenizer

    extra = [f"<extra_id_{i}>" for i in reversed(range(extra_ids))]
    tokenizer = T5Tokenizer(
        vocab=pieces(texts, ["<pad>", "</s>", UNKNOWN], extra),
        extra_ids=extra_ids,
        _spm_precompiled_charsmap=nmt_nfkc(texts),
    )
    tokenizer.save_pretrained(folder)
    return len(tokenizer) + SPARE_ROWS


def _untied(model_class: Any, config_class: Any, folder: Path, **settings: Any) -> None:
    """Write a model of the kind of T5 1.1, with its head beside the embeddings in the file.

    Its config.json says `tie_word_embeddings: false`, which transformers 5 reads as "does not
    scale", and ties nothing because both are in the file.
    """
    from safetensors.torch import load_file, save_file
    from torch import Generator, randn

    config = config_class(
        **SIZES, **IDS, feed_forward_proj="gated-gelu", tie_word_embeddings=False, **settings
    )
    of_the_hub = {"tie_word_embeddings": False, "transformers_version": "4.16.2"}
    save_model(model_class, config, folder, scale_decoder_outputs=None, **of_the_hub)
    weights = load_file(folder / "model.safetensors")
    shape = weights["shared.weight"].shape
    head = randn(shape, generator=Generator().manual_seed(1)) * shape[1] ** -0.5
    save_file(
        weights | {"lm_head.weight": head},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
