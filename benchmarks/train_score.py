"""Whether training faster costs score: dev `rouge_mean` after as many epochs as a plain Trainer.

Both sides train the scratch model of params.yaml over the same seeds, and the weights after the
last epoch are decoded greedily. The goal is what seeds alone do to the plain one: a deviation less.
"""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets

from benchmarks.ratio import Ratio, run
from benchmarks.real_data import encoded, params, read_split, train_tokenizer
from benchmarks.train_speed import scratch
from benchmarks.trainers import Trainer, ours, plain
from stages.model import gpu
from stages.model.tokenizer import decode, read_tokenizer
from stages.model.torch_engine import Torch
from stages.params import Generate, Train
from stages.rouge.rouge import Scorer, rouge_mean


def measure(
    *, rows: int = 2000, dev_rows: int = 499, epochs: int = 5, seeds: int = 3
) -> list[Ratio]:
    """Return the difference of the mean scores, ours less the plain one's."""
    # cuDNN's attention changes no score, and costs the plain side minutes.
    with tempfile.TemporaryDirectory() as name, gpu.without_cudnn():
        folder = Path(name)
        train_tokenizer(folder, vocabulary=params().tokenize.vocab_size)
        data = datasets.Dataset.from_dict(encoded(folder, read_split("train", rows)))
        score = dev_score(folder, dev_rows)

        def trained(side: Trainer, seed: int) -> float:
            changes = {"epochs": float(epochs), "max_steps": 0, "seed": seed}
            train = Train.model_validate(params().train.model_dump() | changes)
            model = scratch(folder, seed=seed)
            side(model, data, train, folder).train()
            return score(model.eval())

        scores = [(trained(ours, seed), trained(plain, seed)) for seed in range(1, seeds + 1)]
    a, b = ([pair[side] for pair in scores] for side in (0, 1))
    deviation = statistics.stdev(b)
    return [
        Ratio(
            "train_score",
            round(statistics.fmean(a) - statistics.fmean(b), 2),
            -round(deviation, 2),
            f"a plain Seq2SeqTrainer, {epochs} epochs, {seeds} seeds, {dev_rows} dev dialogues",
            "points of rouge_mean more",
            f"{statistics.fmean(a):.2f} ± {statistics.stdev(a):.2f}",
            f"{statistics.fmean(b):.2f} ± {deviation:.2f}",
        )
    ]


def dev_score(folder: Path, rows: int) -> Callable[[Any], float]:
    """Return the function that scores a model on the first dev rows."""
    settings, records = params(), read_split("dev", rows)
    tokenizer, sources = read_tokenizer(folder), encoded(folder, records)["input_ids"]
    greedy = Generate.model_validate(
        settings.generate.model_dump() | {"num_beams": 1, "engine": "torch"}
    )
    scorer = Scorer(settings.rouge.tokenizer, settings.rouge.variant, settings.rouge.references)
    references = [record.summaries for record in records]
    return lambda model: rouge_mean(
        scorer.per_dialogue(decode(tokenizer, Torch(model).generate(sources, greedy)), references)
    )


if __name__ == "__main__":
    run(measure, quick={"rows": 32, "dev_rows": 4, "epochs": 1, "seeds": 2})
