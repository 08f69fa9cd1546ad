"""The files of a trained model: whole weights, or the adapter that LoRA trained."""

from pathlib import Path

from stages.command.files import existing

WHOLE, ADAPTER = "model.safetensors", "adapter_model.safetensors"


def weights_file(folder: Path) -> Path:
    """Return the file with the weights of a model that the stage `train` wrote."""
    adapter = folder / ADAPTER
    return adapter if adapter.exists() else folder / WHOLE


def existing_model(folder: Path) -> Path:
    """Return the file with the weights, or say which command writes it."""
    return existing(weights_file(folder), made_by="dvc repro train")
