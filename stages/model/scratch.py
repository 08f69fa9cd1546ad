"""A model without pretraining: a small BART of the size that params.yaml asks for."""

from typing import Any

from tokenizers import Tokenizer
from transformers import BartConfig, BartForConditionalGeneration

from stages.model.tokenizer import BOS, EOS, PAD
from stages.params import Model

HEAD_WIDTH = 32
"""Units to one attention head."""


def scratch_bart(settings: Model, *, tokenizer: Tokenizer, positions: int) -> Any:
    """Return a BART with weights by chance, as `torch`'s seed has it."""
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
