"""LoRA: small matrices beside frozen weights are trained, stored, and put onto the model again.

What is stored names its base: the model's name, and the revision of the weights that it was
trained on, so that it is put onto no others.
"""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, GenerationConfig

from stages.command.errors import UserError
from stages.command.files import read_json
from stages.model.device import device
from stages.model.pretrained import check_within_reach, read_weights
from stages.model.weights import config_folder
from stages.params import Lora

CONFIG = "adapter_config.json"


def add_adapter(model: Any, settings: Lora, *, name: str) -> Any:
    """Return `model`, frozen, with an adapter of rank `settings.rank` that is trained in fp32."""
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    if isinstance(settings.targets, list):
        check_targets(model, settings.targets)
    if is_quantized(model):
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    targets = "all-linear" if settings.targets == "all_linear" else settings.targets
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        revision=revision(model.config, name),
    )
    with _without_peft_warnings():
        adapted = get_peft_model(model, config)
    adapted.active_peft_config.base_model_name_or_path = name
    return adapted


def is_quantized(model: Any) -> bool:
    """Tell whether a model's weights have four bits: they are where they stay."""
    return bool(getattr(model, "is_loaded_in_4bit", False))


def check_targets(model: Any, targets: Sequence[str]) -> None:
    """Raise `UserError` for names that no linear layer has."""
    head = model.get_output_embeddings()
    names = {
        path.rpartition(".")[2]
        for path, layer in model.named_modules()
        if (isinstance(layer, torch.nn.Linear) or type(layer).__name__ == "Conv1D")
        and layer is not head
    }
    unknown = [target for target in targets if target not in names]
    if unknown:
        raise UserError(
            f"lora.targets: this model has no linear layers named {', '.join(unknown)}; it has "
            f"{', '.join(sorted(names))}, and all_linear takes all of them"
        )


def revision(config: Any, name: str) -> str:
    """Return what tells the weights of `name` from others: the hub's commit, or their SHA-256."""
    if not Path(name).is_dir():
        commit: str | None = getattr(config, "_commit_hash", None)
        return commit or ""
    digest = hashlib.sha256()
    for file in sorted(Path(name).glob("*.safetensors")):
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()[:40]


def base_of(folder: Path) -> tuple[str, str]:
    """Return name and revision of the model that the adapter in `folder` was trained on."""
    content = read_json(folder / CONFIG, made_by="dvc repro train", has=["revision"])
    return content["base_model_name_or_path"], content["revision"] or ""


def read_adapted(auto_class: Any, folder: Path, *, dtype: torch.dtype, whole: bool = False) -> Any:
    """Read the base model of the adapter in `folder`, and put the adapter onto it.

    In fp32 the two become one model, which is faster; less exact weights stay apart from it. A
    base of four bits has them again, but for `whole`, or where there is no GPU. Raises `UserError`
    where the base is gone or is another one.
    """
    from peft import PeftModel

    name, trained_on = base_of(folder)
    try:
        check_within_reach(name)
    except UserError as error:
        raise UserError(f"{folder} is an adapter, and its base model is gone: {error}") from None
    pinned = {} if Path(name).is_dir() or not trained_on else {"revision": trained_on}
    config = AutoConfig.from_pretrained(config_folder(folder), local_files_only=True)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
        pinned |= {} if whole or not torch.cuda.is_available() else four_bits()
    model = read_weights(auto_class, name, config=config, dtype=dtype, **pinned)
    if Path(name).is_dir() and revision(model.config, name) != trained_on:
        raise UserError(
            f"{folder} is an adapter to other weights than those that are now in {name}: bring "
            "those back, or train anew: dvc repro -f train"
        )
    model.generation_config = GenerationConfig.from_pretrained(folder, local_files_only=True)
    with _without_peft_warnings():
        adapted = PeftModel.from_pretrained(model, folder)
        if dtype != torch.float32:
            return adapted
        tied = model.config.tie_word_embeddings
        merged = adapted.merge_and_unload()
    merged.config.tie_word_embeddings = tied  # which peft denies of T5 1.1; see fit_vocabulary
    return merged


def four_bits() -> dict[str, Any]:
    """Return what `from_pretrained` is told to hold a model's weights in four bits (QLoRA).

    nf4, with quantized constants, computed in bf16: Dettmers et al., 2023. Raises `UserError`
    without a CUDA GPU or bitsandbytes.
    """
    check_bitsandbytes("model.quantize: 4bit", "none")
    from transformers import BitsAndBytesConfig

    settings = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": settings, "device_map": {"": device().index or 0}}


def check_bitsandbytes(setting: str, otherwise: str) -> None:
    """Raise `UserError` where what `setting` needs is not here."""
    if not torch.cuda.is_available():
        raise UserError(f"{setting} needs a CUDA GPU, which is not here; set it to {otherwise}")
    if find_spec("bitsandbytes") is None:
        raise UserError(
            f"{setting} needs bitsandbytes, which comes with: "
            "pip install -c requirements.lock '.[quantize]'"
        )


@contextmanager
def _without_peft_warnings() -> Iterator[None]:
    """Keep peft's remarks on older names and untied heads from the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.filterwarnings("ignore", message="Input and output embeddings are no longer tied")
        yield
