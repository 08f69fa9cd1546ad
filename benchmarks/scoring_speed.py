"""How much faster than `rouge_score` 500 predictions are scored against 3 references each.

Both sides get the same tokens, cut beforehand, and draw 10,000 resamples of the 500 dialogues.
`rouge_score` draws 1,000 unless told; the line `unit` gives that time as well.
"""

import random
import statistics
import time
from collections.abc import Callable

from rouge_score.rouge_scorer import RougeScorer
from rouge_score.scoring import BootstrapAggregator, Score

from stages.scoring.intervals import RESAMPLES, interval
from stages.scoring.morphemes import tokenize
from stages.scoring.rouge import MEASURES, Scorer, rouge_mean

PREDICTIONS, REFERENCES, MORPHEMES, ROUNDS = 500, 3, 38, 5
"""38 morphemes is the mean length of a real Korean reference."""


def measure() -> dict[str, float | str]:
    """Return the ratio of the medians, theirs to ours, over rounds that take turns."""
    predictions, references = _texts()
    sides = {
        "ours": lambda: _ours(predictions, references),
        "theirs": lambda: _theirs(predictions, references, RESAMPLES),
        "theirs, 1,000 resamples": lambda: _theirs(predictions, references, 1_000),
    }
    _ours(predictions, references)  # cuts the tokens, which both sides then find cut
    rounds = [{name: _seconds(score) for name, score in sides.items()} for _ in range(ROUNDS)]
    ours, theirs, fewer = (1000 * statistics.median(r[name] for r in rounds) for name in sides)
    return {
        "ratio": round(theirs / ours, 1),
        "goal": 20,
        "beside": "rouge_score 0.1.2 with the same tokens and its BootstrapAggregator",
        "unit": f"{theirs:.0f} ms ({fewer:.0f} ms with 1,000 resamples) to {ours:.0f} ms",
    }


class _SameTokens:
    def tokenize(self, text: str) -> tuple[str, ...]:
        return tokenize(text, "whitespace")


def _texts() -> tuple[list[str], list[list[str]]]:
    """Return invented texts whose words are as often repeated as morphemes are (Zipf's law)."""
    draw = random.Random(1)
    words = [f"말{rank}" for rank in range(4000)]
    weights = [1 / (rank + 3) for rank in range(4000)]
    texts = [
        " ".join(draw.choices(words, weights, k=draw.randint(MORPHEMES // 2, MORPHEMES * 3 // 2)))
        for _ in range(PREDICTIONS * (1 + REFERENCES))
    ]
    references = [texts[i : i + REFERENCES] for i in range(PREDICTIONS, len(texts), REFERENCES)]
    return texts[:PREDICTIONS], references


def _ours(predictions: list[str], references: list[list[str]]) -> None:
    per_dialogue = Scorer("whitespace", "counts", "average").per_dialogue(predictions, references)
    rouge_mean(per_dialogue)
    interval(per_dialogue)


def _theirs(predictions: list[str], references: list[list[str]], resamples: int) -> None:
    scorer = RougeScorer(MEASURES, tokenizer=_SameTokens())
    aggregator = BootstrapAggregator(n_samples=resamples)
    for prediction, texts in zip(predictions, references, strict=True):
        scores = [scorer.score(text, prediction) for text in texts]
        aggregator.add_scores(
            {measure: _mean([s[measure] for s in scores]) for measure in MEASURES}
        )
    aggregator.aggregate()


def _mean(scores: list[Score]) -> Score:
    return Score(*(statistics.fmean(part) for part in zip(*scores, strict=True)))


def _seconds(score: Callable[[], None]) -> float:
    start = time.perf_counter()
    score()
    return time.perf_counter() - start


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value}")
