"""Loading what others trained: safetensors only, no remote code, errors as one sentence."""

from typing import Any

from safetensors import SafetensorError

from stages.command.errors import UserError


def pretrained(auto_class: Any, name: str, **settings: Any) -> Any:
    """Call `auto_class.from_pretrained(name)`, or say in one sentence why it cannot be had."""
    try:
        return auto_class.from_pretrained(name, trust_remote_code=False, **settings)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"model.name: {name} cannot be loaded: give the folder of a downloaded model with a "
            "config.json, a tokenizer.json and a model.safetensors, a Hugging Face id that can be "
            f"reached from here, or `scratch` ({reason[:300]})"
        ) from None
