"""The engine CTranslate2: decodes on a CPU several times as fast as `generate()`.

How a model gets there, and whether its text is torch's, is the business of `conversion`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import torch
from tokenizers import Tokenizer

from stages.model.cpu import TOKENS_IN_BATCH
from stages.model.hypothesis import Hypothesis
from stages.model.seq2seq import check_length
from stages.model.torch_engine import Summarizer
from stages.params import Generate

PATIENCE = 3
"""So many times its beams a search ends before it stops. transformers stops when none that goes on
can be better; after once its beams, CTranslate2's own value, worse summaries were found for a model
that is sure of itself: T5 1.1 5 of 10 the same, 10 of 10 with 3."""


class CTranslate2(Summarizer):
    """CTranslate2 on the CPU: on each core a worker with one thread, the fastest way to share."""

    def __init__(self, folder: Path, tokenizer: Tokenizer, config: Any, *, int8: bool) -> None:
        """Read the model that was converted into `folder`."""
        self.config = config
        self.tokenizer = tokenizer
        self.vocabulary = tokenizer.get_vocab()
        threads = torch.get_num_threads()
        self.translator = ctranslate2.Translator(
            str(folder),
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
        summaries = []
        for result in self._translate(sources, settings, most=1):
            summaries.append(self._ids(result.hypotheses[0]))
            on_batch(1)
        return summaries

    def hypotheses(self, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
        [result] = self._translate([source], settings, most=settings.num_beams)
        pairs = zip(result.hypotheses, result.scores, strict=True)
        return [Hypothesis(self._ids(tokens), score) for tokens, score in pairs]

    def score(self, source: Sequence[int], ids: Sequence[int]) -> float:
        """Return the mean log-probability of a summary's tokens, as `Hypothesis.score` has it.

        `ids` are as torch gives them: the start first, and behind the end padding.
        """
        end = self.config.eos_token_id
        words = list(ids[1:])
        words = words[: words.index(end)] if end in words else words
        [result] = self.translator.score_batch(
            [self._tokens(source)], [self._tokens(words)], max_input_length=0
        )
        chosen = len(words) + (end in ids[1:])  # it scores an end also where there is none
        return float(sum(result.log_probs[:chosen]) / chosen)

    def _translate(
        self, sources: Sequence[Sequence[int]], settings: Generate, *, most: int
    ) -> Iterator[Any]:
        """Yield for each source its `most` best hypotheses, as tokens."""
        longest = max(map(len, sources), default=0)
        check_length(self.config, settings, longest=longest)
        results = self.translator.translate_batch(
            list(map(self._tokens, sources)),
            batch_type="tokens",
            max_batch_size=TOKENS_IN_BATCH,
            beam_size=settings.num_beams,
            patience=PATIENCE,
            num_hypotheses=most,
            return_scores=True,
            length_penalty=settings.length_penalty,
            no_repeat_ngram_size=settings.no_repeat_ngram_size,
            min_decoding_length=0,  # by itself it never writes nothing
            max_decoding_length=settings.max_new_tokens,
            max_input_length=0,
            asynchronous=True,
        )
        return (result.result() for result in results)

    def _tokens(self, ids: Sequence[int]) -> list[str]:
        return [str(self.tokenizer.id_to_token(number)) for number in ids]

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        return [self.vocabulary[token] for token in tokens]
