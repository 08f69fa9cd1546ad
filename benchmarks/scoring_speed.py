"""How much faster than `rouge_score` 500 predictions are scored against 3 references each.

Both sides get the same tokens, cut beforehand, and draw 10,000 resamples of the 500 dialogues.
`rouge_score` draws 1,000 unless told; the line `unit` gives that time as well.
"""

import random
import statistics

from rouge_score.rouge_scorer import RougeScorer
from rouge_score.scoring import BootstrapAggregator, Score

from benchmarks.ratio import Ratio, medians, run, seconds
from stages.rouge.rouge import MEASURES, Scorer, rouge_mean
from stages.rouge.tokenizers import tokenize
from stages.scoring.intervals import RESAMPLES, interval

REFERENCES, MORPHEMES = 3, 38
"""38 morphemes is the mean length of a real Korean reference."""


def measure(*, dialogues: int = 500, rounds: int = 5) -> list[Ratio]:
    """Return the ratio of the medians, theirs to ours."""
    predictions, references = _texts(dialogues)
    sides = {
        "ours": lambda: seconds(lambda: _ours(predictions, references)),
        "theirs": lambda: seconds(lambda: _theirs(predictions, references, RESAMPLES)),
        "fewer": lambda: seconds(lambda: _theirs(predictions, references, 1_000)),
    }
    _ours(predictions, references)  # cuts the tokens, which both sides then find cut
    found = {name: 1000 * median for name, median in medians(sides, rounds=rounds).items()}
    return [
        Ratio(
            "scoring_speed",
            round(found["theirs"] / found["ours"], 1),
            20,
            "rouge_score 0.1.2 with the same tokens and its BootstrapAggregator",
            "times as fast",
            f"{found['ours']:.0f} ms",
            f"{found['theirs']:.0f} ms ({found['fewer']:.0f} ms with 1,000 resamples)",
        )
    ]


class _SameTokens:
    def tokenize(self, text: str) -> tuple[str, ...]:
        return tokenize(text, "whitespace")


def _texts(n: int) -> tuple[list[str], list[list[str]]]:
    """Return invented texts whose words are as often repeated as morphemes are (Zipf's law)."""
    draw = random.Random(1)
    words = [f"말{rank}" for rank in range(4000)]
    weights = [1 / (rank + 3) for rank in range(4000)]
    texts = [
        " ".join(draw.choices(words, weights, k=draw.randint(MORPHEMES // 2, MORPHEMES * 3 // 2)))
        for _ in range(n * (1 + REFERENCES))
    ]
    references = [texts[i : i + REFERENCES] for i in range(n, len(texts), REFERENCES)]
    return texts[:n], references


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


if __name__ == "__main__":
    run(measure, quick={"dialogues": 20, "rounds": 1})
