"""A model read once, and one dialogue after another summarized: `summarize` and `demo`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Tokenizer

from stages.dialogue.masks import MASKS
from stages.dialogue.names import Tagged, name_speakers
from stages.model.engine import read_summarizer
from stages.model.hypothesis import Hypothesis
from stages.model.prompt import read_prompt
from stages.model.tokenizer import Encoded, decode, encode_dialogues, read_tokenizer
from stages.model.torch_engine import Summarizer
from stages.params import Generate
from stages.submission.postprocess import Rule, postprocess


class Summary(NamedTuple):
    """What a model wrote, and how much of the dialogue it read."""

    summary: str
    names: dict[str, str]
    tokens: int
    turns_left_out: int
    cut: bool
    """True where even the first turn was too long and lost its end."""


class Beam(NamedTuple):
    """One of the summaries that the search kept."""

    summary: str
    """Speakers are tags."""
    score: float
    """See `Hypothesis`."""


class Beams(NamedTuple):
    """All that a search found for one dialogue."""

    best: Summary
    beams: list[Beam]
    """The best first."""
    dialogue: str
    """What the model read of it; speakers are tags."""


class SummaryWriter:
    """The model in a folder, for any number of dialogues."""

    def __init__(
        self, folder: Path, generate: Generate, *, max_source_tokens: int, rules: Sequence[Rule]
    ) -> None:
        """Read it; this takes seconds."""
        self.generate = generate
        self.max_source_tokens = max_source_tokens
        self.rules = rules
        self.tokenizer, self.prompt = read_tokenizer(folder), read_prompt(folder)
        self.summarizer = read_summarizer(folder, generate.engine)

    def write(self, tagged: Tagged) -> Summary:
        """Return the summary of one dialogue."""
        encoded = self._encode(tagged)
        [summary] = write_summaries(
            self.summarizer, self.tokenizer, [encoded.ids], self.generate, rules=self.rules
        )
        return _summary(summary, tagged, encoded)

    def write_beams(self, tagged: Tagged) -> Beams:
        """Return every summary that the search kept; the best is the one that `write` returns."""
        encoded = self._encode(tagged)
        beams = [self._beam(one) for one in self.summarizer.hypotheses(encoded.ids, self.generate)]
        return Beams(_summary(beams[0].summary, tagged, encoded), beams, encoded.text)

    def _encode(self, tagged: Tagged) -> Encoded:
        [encoded] = encode_dialogues(
            self.tokenizer,
            [tagged.dialogue],
            max_tokens=self.max_source_tokens,
            prompt=self.prompt,
        )
        return encoded

    def _beam(self, hypothesis: Hypothesis) -> Beam:
        most = self.generate.max_new_tokens
        [capped] = at_cap(self.tokenizer, [hypothesis.ids], max_new_tokens=most)
        [text] = decode(self.tokenizer, [hypothesis.ids])
        return Beam(postprocess(text, self.rules, at_cap=capped), hypothesis.score)


def _summary(summary: str, tagged: Tagged, encoded: Encoded) -> Summary:
    named = name_speakers(summary, tagged.names)
    return Summary(named, tagged.names, len(encoded.ids), encoded.turns_left_out, encoded.cut)


def write_summaries(
    summarizer: Summarizer,
    tokenizer: Tokenizer,
    sources: Sequence[Sequence[int]],
    settings: Generate,
    *,
    rules: Sequence[Rule],
    on_batch: Callable[[int], None] = lambda n: None,
) -> list[str]:
    """Return the summary of each of `sources`, in their order, repaired by `rules`.

    `on_batch` is told how many dialogues have been finished since it was told last.
    """
    ids = summarizer.generate(sources, settings, on_batch=on_batch)
    capped = at_cap(tokenizer, ids, max_new_tokens=settings.max_new_tokens)
    texts = decode(tokenizer, ids)
    pairs = zip(texts, capped, strict=True)
    return [postprocess(text, rules, at_cap=at_end) for text, at_end in pairs]


def at_cap(
    tokenizer: Tokenizer, ids: Sequence[Sequence[int]], *, max_new_tokens: int
) -> list[bool]:
    """Tell of each generated summary whether it ends because it was as long as it may be.

    The engines differ in what stands around the words (start, end, padding) and a BART may force an
    end as its last token, so the words are counted, and one token is allowed for the end.
    """
    added = tokenizer.get_added_tokens_decoder().items()
    frame = {token_id for token_id, token in added if token.special and token.content not in MASKS}
    return [sum(token_id not in frame for token_id in row) >= max_new_tokens - 1 for row in ids]


def truncation(written: Summary) -> str:
    """Return a sentence on what the model did not read; empty where it read everything."""
    if not written.cut and not written.turns_left_out:
        return ""
    lost = ["the end of the first turn"] * written.cut
    if written.turns_left_out == 1:
        lost.append("the last turn")
    elif written.turns_left_out:
        lost.append(f"the last {written.turns_left_out} turns")
    verb = "was" if lost in (["the last turn"], ["the end of the first turn"]) else "were"
    return (
        f"the model reads {written.tokens} tokens (tokenize.max_source_tokens): "
        f"{' and '.join(lost)} {verb} left out"
    )
