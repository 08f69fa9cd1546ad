"""Writing what a pretrained folder consists of, as the hub's folders have it."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

SIZES = {
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
}
"""Of all kinds that descend from BART."""


def save_model(model_class: Any, config: Any, folder: Path, **of_the_hub: Any) -> None:
    """Write random weights, the same for each call, and a config.json with values of the hub's."""
    import torch

    torch.manual_seed(0)
    model_class(config).save_pretrained(folder)
    change_json(folder / "config.json", **of_the_hub)


def save_tokenizer(tokenizer: Tokenizer, folder: Path, **settings: Any) -> None:
    """Write tokenizer.json and a tokenizer_config.json of `settings`."""
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json", settings)


def change_json(path: Path, **values: Any) -> None:
    """Change some values of a JSON file; a value of None takes its key away."""
    content = json.loads(path.read_text(encoding="utf-8")) | values
    write_json(path, {key: value for key, value in content.items() if value is not None})


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
