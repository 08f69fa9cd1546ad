"""The files of a trained model: whole weights, or the adapter that LoRA trained."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from stages.command.files import damaged, existing, read_json

TRAIN = "dvc repro train"
WHOLE, ADAPTER = "model.safetensors", "adapter_model.safetensors"


def is_adapter(folder: Path) -> bool:
    """Tell whether the model in `folder` is an adapter."""
    return (folder / ADAPTER).exists()


def config_folder(folder: Path) -> Path:
    """Return where the config.json of a trained model lies.

    That of an adapter has a folder of its own: beside adapter_config.json transformers would take
    it for the sign of whole weights.
    """
    return folder / "base" if is_adapter(folder) else folder


def weights_file(folder: Path) -> Path:
    """Return the file with the weights of a model that the stage `train` wrote."""
    return folder / (ADAPTER if is_adapter(folder) else WHOLE)


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
