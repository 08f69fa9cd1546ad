"""Two engines that decode: `generate()`, and CTranslate2, several times as fast on a CPU."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.command.progress import say
from stages.model.generate import Hypothesis, check_length, generate, hypotheses
from stages.model.tokenizer import read_tokenizer
from stages.model.weights import read_model
from stages.params import Engine, Generate

CONVERTIBLE = ("bart", "mbart", "t5")
"""The kinds of model that both engines decode alike."""
TOKENS_IN_BATCH = 4096


class Summarizer(Protocol):
    """Something that decodes, whichever engine it is."""

    def generate(
        self,
        sources: Sequence[Sequence[int]],
        settings: Generate,
        *,
        on_batch: Callable[[int], None] = lambda n: None,
    ) -> list[list[int]]:
        """Return the ids of a summary for each of `sources`, in their order.

        `on_batch` is told how many dialogues have been finished since it was told last.
        """


class Torch:
    """`generate()` of transformers, on the CPU or the GPU."""

    def __init__(self, model: Any) -> None:
        """Take a model, ready to generate."""
        self.model = model

    def generate(
        self,
        sources: Sequence[Sequence[int]],
        settings: Generate,
        *,
        on_batch: Callable[[int], None] = lambda n: None,
    ) -> list[list[int]]:
        """Decode; see `Summarizer`."""
        return generate(self.model, sources, settings, on_batch=on_batch)

    def hypotheses(self, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
        """Return all beams of one source, the best first; the first is what `generate` returns."""
        return hypotheses(self.model, source, settings)


class CTranslate2:
    """CTranslate2 on the CPU: on each core a worker with one thread, the fastest way to share."""

    def __init__(self, folder: Path, model: Any, *, int8: bool) -> None:
        """Convert the model that stands in `folder`; this takes about a second."""
        import ctranslate2
        import torch

        self.config = model.config
        self.tokenizer: Tokenizer = read_tokenizer(folder)
        self.vocabulary = self.tokenizer.get_vocab()
        with tempfile.TemporaryDirectory() as converted:
            converter = ctranslate2.converters.TransformersConverter(str(folder))
            converter.convert(converted, force=True)
            threads = torch.get_num_threads()
            self.translator = ctranslate2.Translator(
                converted,
                compute_type="int8" if int8 else "float32",
                inter_threads=os.cpu_count() or 1,
                intra_threads=1,
            )
            # It leaves torch of this process one thread; sums of a later training then differ.
            torch.set_num_threads(threads)

    def generate(
        self,
        sources: Sequence[Sequence[int]],
        settings: Generate,
        *,
        on_batch: Callable[[int], None] = lambda n: None,
    ) -> list[list[int]]:
        """Decode; see `Summarizer`."""
        summaries = []
        for result in self._translate(sources, settings, most=1):
            summaries.append(self._ids(result.hypotheses[0]))
            on_batch(1)
        return summaries

    def hypotheses(self, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
        """Return all beams of one source, the best first; the first is what `generate` returns."""
        [result] = self._translate([source], settings, most=settings.num_beams)
        pairs = zip(result.hypotheses, result.scores, strict=True)
        return [Hypothesis(self._ids(tokens), score) for tokens, score in pairs]

    def _translate(
        self, sources: Sequence[Sequence[int]], settings: Generate, *, most: int
    ) -> Iterator[Any]:
        """Yield for each source its `most` best hypotheses, as tokens."""
        check_length(self.config, settings)
        results = self.translator.translate_batch(
            [[self.tokenizer.id_to_token(token) for token in source] for source in sources],
            batch_type="tokens",
            max_batch_size=TOKENS_IN_BATCH,
            beam_size=settings.num_beams,
            num_hypotheses=most,
            return_scores=True,
            length_penalty=settings.length_penalty,
            no_repeat_ngram_size=settings.no_repeat_ngram_size,
            max_decoding_length=settings.max_new_tokens,
            max_input_length=0,
            asynchronous=True,
        )
        return (result.result() for result in results)

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        return [self.vocabulary[token] for token in tokens]


def read_summarizer(folder: Path, engine: Engine) -> Torch | CTranslate2:
    """Read the model in `folder` for `engine`; `auto` is CTranslate2 on a CPU where it can be had.

    Raises `UserError` where the engine asked for does not know this kind of model.
    """
    model = read_model(folder)
    convertible = model.config.model_type in CONVERTIBLE
    if engine == "torch" or (engine == "auto" and (not convertible or model.device.type != "cpu")):
        return Torch(model)
    if not convertible:
        raise UserError(
            f"generate.engine: {engine} does not know a model of kind {model.config.model_type}; "
            "set it to torch or auto"
        )
    try:
        return CTranslate2(folder, model, int8=engine == "ctranslate2-int8")
    except (AttributeError, KeyError, ValueError) as error:  # its converter lacks something
        if engine == "auto":
            say(f"ctranslate2 cannot read this model ({error}), so torch decodes, which is slower")
            return Torch(model)
        raise UserError(
            f"generate.engine: {engine} cannot read this model ({error}); set it to torch or auto"
        ) from None
