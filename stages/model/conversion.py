"""A model of transformers → one of CTranslate2 that is seen to give the same text.

A conversion can be wrong without a word: CTranslate2 4.8 divides the logits of T5 1.1 by the root
of its width, which moves every probability and so what a beam search finds. Hence each kind of
model is decoded by both engines once, and what came of it is remembered.
"""

import hashlib
import json
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import transformers
from ctranslate2.converters import TransformersConverter
from ctranslate2.specs.model_spec import OPTIONAL
from tokenizers import Tokenizer

from stages.command.files import write_json
from stages.model.ctranslate2_engine import CTranslate2
from stages.model.hypothesis import Hypothesis
from stages.model.kinds import room
from stages.model.tokenizer import decode, encode, read_tokenizer
from stages.model.torch_engine import Torch
from stages.model.weights import config_folder
from stages.params import Engine, Generate

SEEN = Path(".dvc/tmp/engines.json")
"""What was seen on this machine: digest of configuration and versions → what is wrong, or ''."""
TRIED_ON = (
    "#Person1#: 내일 도서관에 몇 시에 갈까?\n#Person2#: 아홉 시에 정문에서 보자.",
    "#Person1#: 손님, 무엇을 찾으세요?\n#Person2#: 겨울 장갑이요.\n#Person1#: 이쪽으로 오세요.",
    "#Person1#: Where are you going?\n#Person2#: To the station. My number is #PhoneNumber#.",
    "#Person2#: 보고서는 30% 남았어요.",
)
"""Dialogues of this project's own."""
BART_AS_PUBLISHED = {
    "normalize_before": False,
    "normalize_embedding": True,
    "add_final_layer_norm": False,
    "add_bias_logits": False,
}
"""What CTranslate2's loader reads of a BART, and newer versions of transformers do not write."""
SAME_SCORE = 0.01
"""Scores of the same beam differ by 1e-6 in fp32; for the T5 1.1 above it is 5."""


class TorchSummary(NamedTuple):
    """What torch made of a dialogue."""

    source: list[int]
    best: Hypothesis
    settings: Generate


class OtherTextError(Exception):
    """The engine cannot decode this model, or decodes it to something else; says why."""


class Converter(TransformersConverter):
    """Converts a model that is in memory already, and T5 1.1 by its own arithmetic."""

    def __init__(self, folder: Path, model: Any, tokenizer: Tokenizer) -> None:
        """Take the model, on the CPU, and the folder that it was read from."""
        super().__init__(str(config_folder(folder)))
        self.folder = folder
        self.model = model
        self.tokenizer = tokenizer

    def load_model(self, *_: Any, **__: Any) -> Any:
        """Return the model; the base class reads it once more."""
        return self.model

    def load_tokenizer(self, *_: Any, **__: Any) -> Any:
        """Return the tokenizer as its file has it."""
        return transformers.PreTrainedTokenizerFast.from_pretrained(self.folder)

    def _load(self) -> Any:
        """Return the specification, with what the loaders of T5 and mBART get wrong put right."""
        config = self.model.config
        given = dict(config.__dict__)  # loaders write into it
        if config.model_type == "bart":
            config.__dict__.update(BART_AS_PUBLISHED | given)
        try:
            spec = super()._load()
        finally:
            config.__dict__.clear()
            config.__dict__.update(given)
        # It scales the logits of every T5 that is tied. transformers 5 calls each of them tied,
        # keeps what is meant in `scale_decoder_outputs`, and never scales those of mT5.
        if not getattr(config, "scale_decoder_outputs", config.model_type != "mt5"):
            spec.decoder.scale_outputs = OPTIONAL
        # Of an mBART it takes no start, and of a tokenizer without `<s>` no beginning.
        start = self.tokenizer.id_to_token(config.decoder_start_token_id)
        spec.config.decoder_start_token = start
        for role in ("bos_token", "unk_token"):
            if getattr(spec.config, role, start) is None:
                setattr(spec.config, role, start)
        return spec


def convert(folder: Path, by_torch: Torch, engine: Engine) -> CTranslate2:
    """Convert the model in `folder`, which `by_torch` has read; raises `OtherTextError`.

    Takes about a second, and a few more where this kind of model is new to this machine. `auto`
    demands that some dialogues get the same summaries; who names the engine gets it where its
    probabilities are right, for a model that knows little has many ties.
    """
    key, config = _key(folder), by_torch.model.config
    seen = _read_seen()
    if fault := seen.get(key):
        raise OtherTextError(fault)
    tokenizer = read_tokenizer(folder)
    tried = [] if key in seen else summaries_to_find(by_torch, tokenizer)
    with tempfile.TemporaryDirectory() as converted:
        try:
            Converter(folder, by_torch.model, tokenizer).convert(converted, force=True)
            exact = CTranslate2(Path(converted), tokenizer, config, int8=False)
            fault = other_score(exact, tried)
        except (AttributeError, KeyError, NotImplementedError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split()).partition(" (")[0]  # a list of all it can read
            fault = f"cannot read this model ({reason[:200]})"
        same = not fault and finds(exact, tried, tokenizer)
        if fault or same:  # other texts with the same scores are ties: they are looked at again
            write_json(SEEN, _read_seen() | {key: fault})
        if fault:
            raise OtherTextError(fault)
        if engine == "auto" and not same:
            raise OtherTextError("writes other summaries than torch with this model")
        if engine == "ctranslate2-int8":
            return CTranslate2(Path(converted), tokenizer, config, int8=True)
        return exact


def summaries_to_find(by_torch: Torch, tokenizer: Tokenizer) -> list[TorchSummary]:
    """Return what torch makes of this project's own dialogues."""
    most = room(by_torch.model.config)
    settings = Generate(
        num_beams=4,
        length_penalty=1.0,
        no_repeat_ngram_size=0,
        max_new_tokens=min(32, most.target or 32),
        engine="torch",
    )
    sources = encode(tokenizer, TRIED_ON, max_tokens=min(256, most.source or 256))
    return [
        TorchSummary(source.ids, by_torch.hypotheses(source.ids, settings)[0], settings)
        for source in sources
    ]


def other_score(converted: CTranslate2, tried: Sequence[TorchSummary]) -> str:
    """Return how far off a probability of `converted` is; empty where all are torch's."""
    for source, best, _ in tried:
        score = converted.score(source, best.ids)
        if abs(score - best.score) > SAME_SCORE:
            return f"scores a summary of this model {score:.3f}, and not {best.score:.3f}"
    return ""


def finds(converted: CTranslate2, tried: Sequence[TorchSummary], tokenizer: Tokenizer) -> bool:
    """Tell whether `converted` writes the same summaries."""
    return all(
        decode(tokenizer, converted.generate([source], settings)) == decode(tokenizer, [best.ids])
        for source, best, settings in tried
    )


def _key(folder: Path) -> str:
    """Return the digest of what decides whether a conversion is right: all but the weights."""
    versions = [version(package) for package in ("ctranslate2", "transformers", "torch")]
    content = (config_folder(folder) / "config.json").read_bytes() + json.dumps(versions).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def _read_seen() -> dict[str, str]:
    try:
        seen = json.loads(SEEN.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there yet, or cut off: it is only seen once more
        return {}
    return seen if isinstance(seen, dict) else {}
