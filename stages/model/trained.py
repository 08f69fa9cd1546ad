"""What the stage `train` writes and others read: whole weights, or an adapter."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig

from stages.model.adapter import is_quantized, read_adapted
from stages.model.device import FORMATS, device, resolve_precision
from stages.model.weights import config_folder, is_adapter


def read_trained(auto_class: Any, folder: Path) -> Any:
    """Read the model in `folder`, ready to generate on the device at hand."""
    if is_adapter(folder):
        model = read_adapted(auto_class, folder, dtype=frozen_dtype("auto"))
    else:
        model = auto_class.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    return (model if is_quantized(model) else model.to(device())).eval()


def trained_config(folder: Path) -> Any:
    """Read the configuration of the model in `folder`."""
    return AutoConfig.from_pretrained(config_folder(folder), local_files_only=True)


def frozen_dtype(precision: str) -> torch.dtype:
    """Return the number format of weights that are not trained: what they are computed in."""
    return FORMATS[resolve_precision(precision)]


def save_model(model: Any, folder: Path, *, max_new_tokens: int) -> None:
    """Write weights or adapter, configuration and generation settings for `read_trained`."""
    model.generation_config.update(
        num_beams=1, max_new_tokens=max_new_tokens, max_length=None, early_stopping=False
    )
    model.save_pretrained(folder, safe_serialization=True)
    if is_adapter(folder):
        model.config.save_pretrained(config_folder(folder))
        model.generation_config.save_pretrained(folder)
        (folder / "README.md").unlink(missing_ok=True)  # the card is written by `train`
