"""What can be wrong with a pretrained folder; each function damages one, or a copy of one."""

import json
from pathlib import Path

from tests.model.folders import change_json
from tests.model.vocabularies import Texts, sentencepiece

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def without_weights(folder: Path) -> None:
    """Take the weights away, as in a download that was broken off between two files."""
    (folder / "model.safetensors").unlink()


def with_truncated_weights(folder: Path) -> None:
    """Keep the first half of the weights' bytes."""
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])


def with_weights_missing_inside(folder: Path, name: str) -> None:
    """Take the weights whose name holds `name` out of the file, which is whole otherwise."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    kept = {key: value for key, value in weights.items() if name not in key}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


def with_pickled_weights(folder: Path) -> None:
    """Turn the weights into pytorch_model.bin, which is all that old models have."""
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    without_weights(folder)


def with_rows(folder: Path, rows: int) -> None:
    """Give the embeddings of a BART or T5 another number of rows, fewer or more."""
    import torch
    from transformers import AutoModelForSeq2SeqLM

    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    torch.manual_seed(0)
    model.resize_token_embeddings(rows)
    model.save_pretrained(folder)


def with_vocabulary_unlike_weights(folder: Path, rows: int) -> None:
    """Say another `vocab_size` in the config.json than the embeddings have rows."""
    change_json(folder / "config.json", vocab_size=rows)


def without_decoder_start(folder: Path) -> None:
    """Take away what the decoder starts with."""
    change_json(folder / "config.json", decoder_start_token_id=None)
    if (folder / "generation_config.json").exists():
        change_json(folder / "generation_config.json", decoder_start_token_id=None)


def without_tokenizer(folder: Path) -> None:
    """Take the tokenizer away."""
    for name in TOKENIZER_FILES:
        (folder / name).unlink(missing_ok=True)


def with_sentencepiece_only(folder: Path, texts: Texts) -> None:
    """Put a SentencePiece file in the place of T5's tokenizer.json, as google/mt5-small has it."""
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    without_tokenizer(folder)
    (folder / "spiece.model").write_bytes(sentencepiece(texts, pad_id=0, eos_id=1, unk_id=2))
    names = ("eos_token", "extra_ids", "pad_token", "tokenizer_class", "unk_token")
    kept = {name: settings[name] for name in names}
    (folder / "tokenizer_config.json").write_text(json.dumps(kept), encoding="utf-8")
