"""The files of a trained model: whole weights, or the adapter that LoRA trained."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from stages.command.files import damaged, existing, read_json

TRAIN = "dvc repro train"
WHOLE, ADAPTER = "model.safetensors", "adapter_model.safetensors"


def weights_file(folder: Path) -> Path:
    """Return the file with the weights of a model that the stage `train` wrote."""
    adapter = folder / ADAPTER
    return adapter if adapter.exists() else folder / WHOLE


def existing_model(folder: Path) -> Path:
    """Return the file with the weights, or say which command writes it, or what is damaged."""
    weights = existing(weights_file(folder), made_by=TRAIN)
    try:
        with safe_open(weights, framework="np"):
            pass
    except (SafetensorError, OSError) as error:
        raise damaged(weights, error, made_by=TRAIN) from None
    for file in sorted(folder.glob("*.json")):
        read_json(file, made_by=TRAIN)
    return weights
