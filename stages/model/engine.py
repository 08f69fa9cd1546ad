"""Which of two engines decodes: `generate()`, or CTranslate2, several times as fast on a CPU.

`auto` takes CTranslate2 where it was seen to give the same text.
"""

from pathlib import Path

from stages.command.errors import UserError
from stages.command.progress import note
from stages.model.adapter import is_quantized
from stages.model.device import tuning
from stages.model.kind import kind_of
from stages.model.kinds import is_causal
from stages.model.torch_engine import Summarizer, Torch
from stages.model.trained import trained_config
from stages.params import Engine


def read_summarizer(folder: Path, engine: Engine, *, keeps_encoded: bool = False) -> Summarizer:
    """Read the model in `folder` for `engine`; `auto` is CTranslate2 on a CPU where it can be had.

    For `keeps_encoded` see `Torch`; CTranslate2 cannot share the encoder's work. Raises `UserError`
    where the engine asked for cannot decode this model as transformers does.
    """
    config = trained_config(folder)
    if is_causal(config) and engine not in ("auto", "torch"):
        raise UserError(
            f"generate.engine: {engine} decodes encoder-decoders alone; set it to torch or auto"
        )
    model = kind_of(config).read_model(folder)
    on_gpu = model.device.type != "cpu"
    if engine == "torch" or is_causal(config) or (engine == "auto" and on_gpu):
        quick = model if is_quantized(model) else tuning(model.device).for_decoding(model)
        return Torch(quick, keeps_encoded=keeps_encoded)
    from stages.model.conversion import OtherTextError, convert

    try:
        return convert(folder, Torch(model.to("cpu")), engine)
    except OtherTextError as reason:
        if engine != "auto":
            raise UserError(
                f"generate.engine: {engine} {reason}; set it to torch or auto"
            ) from None
        note(f"ctranslate2 {reason}, so torch decodes, which is slower")
        return Torch(model, keeps_encoded=keeps_encoded)
