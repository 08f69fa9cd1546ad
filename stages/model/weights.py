"""The model: built from scratch or loaded, saved as safetensors."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import (
    AutoModelForSeq2SeqLM,
    BartConfig,
    BartForConditionalGeneration,
    GenerationConfig,
    set_seed,
)
from transformers.utils import logging

from stages.command.errors import UserError
from stages.model.pretrained import pretrained
from stages.model.tokenizer import BOS, EOS, PAD
from stages.params import Model

logging.set_verbosity_error()
logging.disable_progress_bar()

HEAD_WIDTH = 32
"""Units to one attention head of a scratch model."""


def build_model(settings: Model, *, tokenizer: Tokenizer, positions: int, seed: int) -> Any:
    """Return the model to fine-tune, on the CPU in fp32, the same for the same seed.

    `positions` is the longest text in tokens, dialogue or summary, that it must take.
    """
    set_seed(seed)
    if settings.name == "scratch":
        return _scratch(settings, tokenizer=tokenizer, positions=positions)
    model = pretrained(
        AutoModelForSeq2SeqLM, settings.name, use_safetensors=True, dtype=torch.float32
    )
    room = getattr(model.config, "max_position_embeddings", positions)
    if room < positions:
        raise UserError(
            f"model.name: {settings.name} takes at most {room} tokens; "
            f"lower tokenize.max_source_tokens or max_target_tokens (now up to {positions})"
        )
    if model.config.model_type == "mbart":
        # Trained, it starts with what ends the labels: the language, or `</s>` in mBART-50.
        start = tokenizer.encode("").ids[-1]
        model.config.decoder_start_token_id = start
    tokens = max(tokenizer.get_vocab().values()) + 1
    if model.get_input_embeddings().num_embeddings != tokens:
        model.resize_token_embeddings(tokens)  # rows of no token go, too
    # Decoding is what the section `generate` says, and no `min_length` of somebody else's.
    names = ("pad", "bos", "eos", "decoder_start", "forced_bos")
    kept = {f"{name}_token_id": getattr(model.config, f"{name}_token_id", None) for name in names}
    model.generation_config = GenerationConfig(**kept)
    return model


def save_model(model: Any, folder: Path, *, max_new_tokens: int) -> None:
    """Write weights, configuration and generation settings for `from_pretrained(folder)`."""
    model.generation_config.update(
        num_beams=1, max_new_tokens=max_new_tokens, max_length=None, early_stopping=False
    )
    model.save_pretrained(folder, safe_serialization=True)


def read_model(folder: Path) -> Any:
    """Read a model that the stage `train` wrote, ready to generate on the device at hand."""
    model = AutoModelForSeq2SeqLM.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
    )
    return model.to(device()).eval()


def device() -> torch.device:
    """Return the GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def resolve_precision(precision: str) -> str:
    """Resolve `auto`: bf16 on a GPU that has it, fp16 on an older one, fp32 on a CPU.

    On a CPU without AVX512-BF16 or AMX, bf16 is 15 to 50 times slower than fp32.
    Raises `UserError` for fp16 without a GPU.
    """
    if precision == "fp16" and not torch.cuda.is_available():
        raise UserError("train.precision: fp16 needs a GPU; take auto, fp32 or bf16")
    if precision != "auto":
        return precision
    if not torch.cuda.is_available():
        return "fp32"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


def _scratch(settings: Model, *, tokenizer: Tokenizer, positions: int) -> Any:
    heads = settings.d_model // HEAD_WIDTH
    pad, bos, eos = (tokenizer.token_to_id(token) for token in (PAD, BOS, EOS))
    config = BartConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=positions,
        d_model=settings.d_model,
        encoder_layers=settings.layers,
        decoder_layers=settings.layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * settings.d_model,
        decoder_ffn_dim=4 * settings.d_model,
        dropout=settings.dropout,
        activation_function=settings.activation,
        init_std=settings.init_std,
        pad_token_id=pad,
        bos_token_id=bos,
        eos_token_id=eos,
        decoder_start_token_id=eos,
        forced_eos_token_id=None,
        # What CTranslate2's converter asks for; BART's own values.
        normalize_before=False,
        normalize_embedding=True,
        add_final_layer_norm=False,
        add_bias_logits=False,
    )
    return BartForConditionalGeneration(config)
