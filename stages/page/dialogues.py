"""The dialogues as data of the page: slices, errors, and what prediction and reference share."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

from stages.dialogue.records import Record
from stages.params import Language
from stages.rouge.tokenizers import Tokenizer, tokenize, written
from stages.scoring.errors import ERRORS
from stages.scoring.slices import source_length, speakers, summary_length, topic_group, turns

MOST_BYTES = 2_000_000
"""Text that the page carries: with the charting library it then stays below 6 MB."""

_MASK = re.compile(r"#[A-Za-z]+\d*#")


class ScoredDialogue(NamedTuple):
    """A dialogue with what the model made of it."""

    record: Record
    prediction: str
    scores: tuple[float, ...]
    """ROUGE-1, -2, -L and their mean, 0 to 100."""
    truncated: bool
    """Whether the model saw less than the whole dialogue."""
    near_copy: bool | None
    """Whether train has a near-copy of it; None where nobody looked."""


def slices_of(scored: ScoredDialogue, language: Language) -> dict[str, str]:
    """Return the value of each slice that a dialogue belongs to."""
    record = scored.record
    values = {
        "topic": topic_group(record.topic, language),
        "speakers": speakers(record),
        "turns": turns(record),
        "source_length": source_length(record),
        "summary_length": summary_length(record),
        "truncated": "yes" if scored.truncated else "no",
    }
    if scored.near_copy is not None:
        values["near_copy"] = "yes" if scored.near_copy else "no"
    return values


def entry(scored: ScoredDialogue, tokenizer: Tokenizer, language: Language) -> dict[str, Any]:
    """Return one dialogue as the page's script reads it.

    `references` and `prediction` are pieces, by turns not shared and shared: `["가", "나", "다"]`
    shares `나`. Pieces and no offsets: JavaScript counts UTF-16 units, Python code points.
    """
    record, prediction = scored.record, scored.prediction
    return {
        "id": record.id,
        "topic": record.topic,
        "scores": [round(score, 2) for score in scored.scores],
        "slices": slices_of(scored, language),
        "errors": [
            name for name, found in ERRORS.items() if found(record.dialogue, prediction, language)
        ],
        "dialogue": record.dialogue,
        "references": [shared_pieces(one, [prediction], tokenizer) for one in record.summaries],
        "prediction": shared_pieces(prediction, record.summaries, tokenizer),
    }


def shared_pieces(text: str, others: Sequence[str], tokenizer: Tokenizer) -> list[str]:
    """Cut `text` into pieces, by turns not in and in one of the others; joined they are `text`.

    A token that another text has once is shared once, as in ROUGE-1; blanks between two shared
    tokens belong to them. Masks are in no shared piece: the page colours them.

    >>> shared_pieces("#Person1#은 집에 간다.", ["#Person1#은 학교에 간다."], "mecab")
    ['#Person1#', '은', ' 집', '에 간다.']
    """
    left: Counter[str] = Counter()
    for other in others:
        left |= Counter(token for token, _, _ in _tokens(other, tokenizer))
    spans: list[tuple[int, int]] = []
    for token, start, end in _tokens(text, tokenizer):
        if left[token]:
            left[token] -= 1
            joins = bool(spans) and not text[spans[-1][1] : start].strip()
            spans.append((spans.pop()[0], end) if joins else (start, end))
    bounds = [0, *chain.from_iterable(spans), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


def thin(rows: Sequence[ScoredDialogue], most: int = MOST_BYTES) -> list[ScoredDialogue]:
    """Return all rows, or every second, third … of them where their text exceeds `most` bytes."""
    size = sum(
        len(text.encode())
        for one in rows
        for text in (one.record.dialogue, one.prediction, *one.record.summaries)
    )
    return list(rows[:: -(-size // most) or 1])


def _tokens(text: str, tokenizer: Tokenizer) -> Iterator[tuple[str, int, int]]:
    """Yield each token with where it begins and ends in `text`; a mask has none."""
    # İ is the one letter that is longer in small letters.
    searched = text.replace("İ", "i").lower() if tokenizer == "english" else text
    begin = 0
    for piece, mask in zip(_MASK.split(text), [*_MASK.findall(text), ""], strict=True):
        at = begin
        pairs = zip(tokenize(piece, tokenizer), written(piece, tokenizer), strict=True)
        for token, word in pairs:
            start = searched.find(word, at, begin + len(piece))
            if start >= 0:  # a token across a NUL, which is a blank to MeCab, is not in the text
                at = start + len(word)
                yield token, start, at
        begin += len(piece) + len(mask)
