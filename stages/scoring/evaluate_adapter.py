"""The project's ROUGE as an `evaluate` metric, which loads without a network.

>>> sys.path.insert(0, "yoyak")  # the clone, from wherever this runs
>>> metric = evaluate.load("yoyak/stages/scoring/evaluate_adapter.py")
>>> metric.compute(predictions=["의사가 쉬라고 합니다."], references=[["의사는 쉬라고 합니다."]])
{'rouge1': 83.3…, 'rouge2': 60.0, 'rougeL': 83.3…, 'rouge_mean': 75.5…, 'rouge_mean_low': …}

`evaluate` copies this file away, and the copy imports `stages`: outside of the clone it has to be
named first. It reads the imports as well, and takes `import datasets, evaluate` for one package, so
that each has a line.
"""

from typing import Any

import datasets
import evaluate

from stages.rouge.rouge import References, Scorer, Variant, scores
from stages.rouge.tokenizers import Tokenizer
from stages.scoring.intervals import interval


class KoreanRouge(evaluate.Metric):
    """ROUGE-1, -2 and -L F1 from 0 to 100 with a 95% interval of their mean and a signature."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        several = {"predictions": text, "references": datasets.Sequence(text)}
        return evaluate.MetricInfo(
            description="ROUGE on Korean morphemes, as the competition scores.",
            citation="Lin 2004, ROUGE: A Package for Automatic Evaluation of Summaries",
            inputs_description="predictions: texts; references: a list of texts for each",
            features=datasets.Features(several),
        )

    def _compute(
        self,
        predictions: list[str],
        references: list[list[str]],
        tokenizer: Tokenizer = "mecab",
        variant: Variant = "counts",
        multiple: References = "average",
    ) -> dict[str, Any]:
        scorer = Scorer(tokenizer, variant, multiple)
        per_dialogue = scorer.per_dialogue(predictions, references)
        low, high = interval(per_dialogue)
        return scores(per_dialogue) | {
            "rouge_mean_low": low,
            "rouge_mean_high": high,
            "signature": scorer.signature(references),
        }
