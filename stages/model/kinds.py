"""Which kind of model a config.json describes, and whether it can be trained here.

Looked at by `tokenize`, so that a model which cannot is told of before a minute is spent on it.
"""

import json
from typing import Any, NamedTuple

from stages.command.errors import UserError
from stages.model.pretrained import check_within_reach, find_file, pretrained

FITTING = (
    "take an encoder-decoder, such as a BART (digit82/kobart-summarization) or a T5 (paust/pko-t5-"
    "base), or a decoder-only model (Qwen/Qwen3-4B); docs/models.md has the kinds that are tested"
)
PADDED_VOCABULARY = 0.9
"""Embeddings may have rows of no token, to come to a round number; more than a tenth is no
padding. Of the models on the hub T5 has 0.1%, a Llama 0.2%."""
OFFSET_POSITIONS = ("camembert", "data2vec-text", "roberta", "xlm-roberta", "xlm-roberta-xl")
"""Kinds of encoders that number their positions from behind the padding's id on."""


IDS = ("decoder_start_token_id", "eos_token_id", "pad_token_id")
"""What a summary begins with, what ends it, and what fills a batch."""


class Room(NamedTuple):
    """The most tokens that a model takes; None where it has no such bound."""

    source: int | None
    target: int | None


NO_BOUND = Room(None, None)


def read_config(name: str) -> Any:
    """Return the configuration of the model `name`, of whatever kind it is."""
    check_within_reach(name)
    from transformers import AutoConfig

    config = pretrained(AutoConfig, name)
    set_declared_ids(config, name)
    return config


def set_declared_ids(config: Any, name: str) -> None:
    """Let a configuration have the `IDS` that the model's own files declare, and no others.

    Where they are silent it has a default of its kind, which for a KoBART is `<usr>`.
    """
    files = (find_file(name, file) for file in ("config.json", "generation_config.json"))
    contents = [json.loads(file.read_text(encoding="utf-8")) for file in files if file]
    for key in IDS:
        declared = (content[key] for content in contents if content.get(key) is not None)
        setattr(config, key, next(declared, None))


def is_causal(config: Any) -> bool:
    """Tell whether a model that passed `check_kind` is a decoder alone."""
    from transformers.models.auto import modeling_auto as auto

    if config.is_encoder_decoder or config.model_type == "encoder-decoder":
        return False
    return config.model_type in auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES


def check_kind(config: Any, name: str) -> None:
    """Raise `UserError` where the stages cannot train a model of this kind."""
    from transformers.models.auto import modeling_auto as auto

    kind = config.model_type
    if kind in auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES:
        if config.is_encoder_decoder:
            return check_ids(config, name)
        what = f"of kind {kind}, but its config.json has is_encoder_decoder: false"
    elif kind in auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        what = f"an encoder alone ({kind}), which writes no text"
    elif kind in auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        return None
    else:
        what = f"a model of kind {kind}, which does not write text from text"
    raise UserError(f"model.name: {name} is {what}; {FITTING}")


def check_ids(config: Any, name: str) -> None:
    """Raise `UserError` where a token that the model begins, ends or is padded with is unknown."""
    needed = set(IDS)
    if config.model_type == "mbart":
        needed -= {"decoder_start_token_id"}  # it begins with the language
    if config.model_type == "encoder-decoder":
        needed -= {"eos_token_id", "pad_token_id"}  # they are those of its halves
    rows = min(half.vocab_size for half in halves(config))
    for key in IDS:
        value = getattr(config, key)
        if value is None and key in needed:
            raise UserError(
                f"model.name: {name} has no {key} in its config.json: add it "
                "(decoder_start_token_id is the token that a summary begins with: that of </s> for "
                "BART, of <pad> for T5, of [CLS] for bert2bert)"
            )
        if value is not None and not (isinstance(value, int) and 0 <= value < rows):
            raise UserError(
                f"model.name: {name} has {key}: {value} in its config.json, and that is none of "
                f"its {rows} tokens"
            )


def halves(config: Any) -> list[Any]:
    """Return the configurations with a vocabulary: one, or those of encoder and decoder."""
    return [config.encoder, config.decoder] if config.model_type == "encoder-decoder" else [config]


def room(config: Any) -> Room:
    """Return how many tokens a dialogue and a summary may have; T5 kinds have no bound.

    LED names its two; in a pair such as bert2bert each half has a configuration of its own.
    """
    if config.model_type == "encoder-decoder":
        return Room(_positions(config.encoder), _positions(config.decoder))
    both = _positions(config)
    return Room(
        getattr(config, "max_encoder_position_embeddings", both),
        getattr(config, "max_decoder_position_embeddings", both),
    )


def check_room(config: Any, name: str, *, source_tokens: int, target_tokens: int) -> None:
    """Raise `UserError` where texts may have more tokens than the model has positions for."""
    found = room(config)
    if is_causal(config):
        if found.source is not None and found.source < source_tokens + target_tokens:
            raise UserError(
                f"model.name: {name} takes at most {found.source} tokens, prompt and summary in "
                f"one; lower tokenize.max_source_tokens (now {source_tokens}) or "
                f"tokenize.max_target_tokens (now {target_tokens})"
            )
        return
    wanted = {
        "max_source_tokens": (found.source, source_tokens),
        "max_target_tokens": (found.target, target_tokens),
    }
    for key, (positions, tokens) in wanted.items():
        if positions is not None and positions < tokens:
            raise UserError(
                f"model.name: {name} takes at most {positions} tokens; "
                f"lower tokenize.{key} (now {tokens})"
            )


def check_vocabulary(config: Any, name: str, *, words: int, tokens: int) -> None:
    """Raise `UserError` where a tokenizer was not the one of these weights.

    `words` are the ids of its vocabulary, `tokens` those and the ones that were added to it, which
    get rows of their own where the embeddings have none.
    """
    halves = (
        [config.encoder, config.decoder] if config.model_type == "encoder-decoder" else [config]
    )
    for half in halves:
        rows = half.vocab_size
        if words > rows or tokens < PADDED_VOCABULARY * rows:
            raise UserError(
                f"model.name: {name} has a tokenizer of {tokens} tokens and embeddings of {rows}: "
                "they do not belong together; take both from one model"
            )


def _positions(config: Any) -> int | None:
    positions: int | None = getattr(config, "max_position_embeddings", None)
    if positions and config.model_type in OFFSET_POSITIONS:
        return positions - int(config.pad_token_id) - 1
    return positions
