"""Weights → scores: dev, and test where it has references, decoded with the `generate` section.

Reads models/summarizer/, data/tokens/ and data/clean/. Writes data/predictions/scored/ (dev.csv,
test.csv), metrics/evaluate.json, metrics/floors.json, metrics/test.json, and where dev fails:
metrics/evaluate_slices.csv and metrics/evaluate_errors.json. Never trains anything, and nothing is
ever selected on test.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from stages.command.entry import run_stage
from stages.command.errors import UserError
from stages.command.files import (
    existing,
    read_parquet,
    whole_folder,
    write_csv,
    write_json,
    write_table,
)
from stages.command.lock import only_one
from stages.command.progress import progress_bar, say
from stages.dialogue.records import Record, read_records
from stages.model.weights import existing_model
from stages.params import Generate, Language, Params, load_params
from stages.paths import (
    CLEAN,
    ERROR_METRICS,
    FLOOR_METRICS,
    SCORE_METRICS,
    SCORED,
    SLICES,
    SUMMARIZER,
    TEST_METRICS,
    TOKENS,
)
from stages.rouge.rouge import MEASURES, Floats, Scorer, rouge_mean, scores
from stages.scoring.errors import ERRORS
from stages.scoring.floors import FLOORS
from stages.scoring.intervals import interval
from stages.scoring.scores import SCORES
from stages.scoring.slices import score_slices

if TYPE_CHECKING:
    from stages.model.torch_engine import Summarizer


TOKENIZE = "dvc repro tokenize"
MANY = 0.1
"""Share of empty predictions from which on there is a word about them."""
REMEDY = "train it longer or with another train.lr"


class ScoredSplit(NamedTuple):
    """A split with what the model made of it."""

    records: list[Record]
    predictions: list[str]
    per_dialogue: Floats
    """F1 from 0 to 1, `(dialogue, 3)`."""
    signature: str


def decode_split(model: "Summarizer", split: str, settings: Generate) -> list[str]:
    """Return the model's summary of each dialogue of a split, in the order of the file."""
    from stages.model.device import memory_for
    from stages.model.tokenizer import decode, read_tokenizer

    path = TOKENS / f"{split}.parquet"
    sources = read_parquet(path, ["input_ids"], made_by=TOKENIZE)["input_ids"].to_pylist()
    with progress_bar() as progress, memory_for("decoding", remedy="lower generate.num_beams"):
        task = progress.add_task(f"evaluate {split}", total=len(sources), note="")
        ids = model.generate(sources, settings, on_batch=lambda n: progress.advance(task, n))
    return decode(read_tokenizer(TOKENS / "tokenizer"), ids)


def score_metrics(scored: ScoredSplit) -> dict[str, Any]:
    """Return what metrics/evaluate.json says: ROUGE from 0 to 100, then each of `SCORES`."""
    low, high = interval(scored.per_dialogue)
    values = scores(scored.per_dialogue) | {"rouge_mean_low": low, "rouge_mean_high": high}
    values |= {name: score(scored.records, scored.predictions) for name, score in SCORES.items()}
    rounded = {name: round(value, 4) for name, value in values.items()}
    return rounded | {"n": len(scored.records), "signature": scored.signature}


def floor_metrics(
    records: Sequence[Record], scorer: Scorer, language: Language
) -> dict[str, float]:
    """Return the `rouge_mean` of what needs no model, on the same dialogues."""
    references = [record.summaries for record in records]
    made = {
        name: [floor(record.dialogue, language) for record in records]
        for name, floor in FLOORS.items()
    }
    return {
        name: round(rouge_mean(scorer.per_dialogue(summaries, references)), 4)
        for name, summaries in made.items()
    }


def write_predictions(path: Path, scored: ScoredSplit) -> None:
    """Write one line a dialogue: id, dialogue, references, prediction and its scores, 0 to 100."""
    most = max(len(record.summaries) for record in scored.records)
    header = ["id", "dialogue", *(f"reference{i + 1}" for i in range(most)), "prediction"]
    rows = [
        [r.id, r.dialogue, *r.summaries, *[""] * (most - len(r.summaries)), prediction]
        + [f"{100 * value:.4f}" for value in [*f1, f1.mean()]]
        for r, prediction, f1 in zip(
            scored.records, scored.predictions, scored.per_dialogue, strict=True
        )
    ]
    write_csv(path, [*header, *MEASURES, "rouge_mean"], rows)


def write_slices(path: Path, scored: ScoredSplit, language: Language) -> None:
    """Write the score of each part of the split: by topic, speakers, turns, lengths, truncation."""
    table = read_parquet(TOKENS / "dev.parquet", ["truncated"], made_by=TOKENIZE)
    truncated = table["truncated"].to_pylist()
    parts = score_slices(scored.records, truncated, scored.per_dialogue, language=language)
    rows = [
        [part.slice, part.value, part.n]
        + [round(value, 4) for value in (part.rouge_mean, part.low, part.high)]
        for part in parts
    ]
    write_table(path, ["slice", "value", "n", "rouge_mean", "low", "high"], rows)


def error_counts(scored: ScoredSplit, language: Language) -> dict[str, int]:
    """Return how many predictions have each kind of error that a reader would see."""
    pairs = list(zip(scored.records, scored.predictions, strict=True))
    return {
        name: sum(found(record.dialogue, prediction, language) for record, prediction in pairs)
        for name, found in ERRORS.items()
    }


def warning(scored: ScoredSplit) -> str:
    """Say in words what a low score does not: nothing was written, or nothing to the point.

    Nothing is said where fewer than `MANY` of the predictions are empty.
    """
    n = len(scored.predictions)
    without = sum(not prediction.strip() for prediction in scored.predictions)
    if without == n:
        remedy = f"{REMEDY}, or raise generate.max_new_tokens"
        return f"every one of the {n} predictions is empty: {remedy}"
    if without >= MANY * n:
        return f"{without} of {n} predictions are empty"
    if not scored.per_dialogue.any():
        return f"none of the {n} predictions has a word of its reference: {REMEDY}"
    return ""


def evaluate_split(
    model: "Summarizer", split: str, settings: Generate, scorer: Scorer
) -> ScoredSplit | None:
    """Decode and score a split, or return None where it is missing or has no references."""
    path = CLEAN / f"{split}.parquet"
    records = read_records(path) if path.exists() else []
    if not records or not all(record.summaries for record in records):
        return None
    predictions = decode_split(model, split, settings)
    references = [record.summaries for record in records]
    per_dialogue = scorer.per_dialogue(predictions, references)
    return ScoredSplit(records, predictions, per_dialogue, scorer.signature(references))


def evaluate_summarizer(model: "Summarizer", params: Params) -> str:
    """Decode and score, then write everything that the stage writes; return the `warning`."""
    with whole_folder(SCORED) as folder:
        scorer = Scorer(params.rouge.tokenizer, params.rouge.variant, params.rouge.references)
        dev = evaluate_split(model, "dev", params.generate, scorer)
        if dev is None:
            raise UserError(
                f"{CLEAN}/dev.parquet has no references. It gets written by: dvc repro clean"
            )
        test = evaluate_split(model, "test", params.generate, scorer)
        for split, scored in [("dev", dev), ("test", test)]:
            if scored:
                write_predictions(folder / f"{split}.csv", scored)
        metrics = score_metrics(dev)
        floors = floor_metrics(dev.records, scorer, params.data.language)
        write_json(SCORE_METRICS, metrics)
        write_json(FLOOR_METRICS, floors)
        write_json(TEST_METRICS, score_metrics(test) if test else {"n": 0})
        write_json(ERROR_METRICS, error_counts(dev, params.data.language))
        write_slices(SLICES, dev, params.data.language)
    score, low, high = (metrics[f"rouge_mean{end}"] for end in ("", "_low", "_high"))
    best = max(floors, key=lambda name: floors[name])
    warned = warning(dev)
    say(
        f"evaluate: dev rouge_mean {score:.2f} [{low:.2f}, {high:.2f}] on {metrics['n']} "
        f"dialogues; the best floor is {floors[best]:.2f} ({best})" + f"; {warned}" * bool(warned)
    )
    return warned


def main() -> None:
    """Run the stage."""
    params = load_params()
    if params.rouge.tokenizer == "mecab" and params.data.language == "en":
        say(
            "warning: rouge.tokenizer: mecab is for Korean; scores of English texts compare with "
            "others if it is english"
        )
    existing_model(SUMMARIZER)
    existing(CLEAN / "dev.parquet", made_by="dvc repro clean")
    from stages.model.engine import read_summarizer

    with only_one("evaluate"):
        evaluate_summarizer(read_summarizer(SUMMARIZER, params.generate.engine), params)


if __name__ == "__main__":
    run_stage(main, __doc__)
