"""Score a file of predictions, from wherever it comes, as `evaluate` scores its own.

The file is CSV with the columns `fname` and `summary`, and one row for each dialogue of the split.
Their order, other columns and a byte order mark mean nothing here; `stages.validate` tells what a
leaderboard would refuse. Reads data/clean/ and writes nothing.

    python -m stages.score baseline_dev.csv
    python -m stages.score baseline_test.csv --split test
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import existing
from stages.dialogue.records import Record, read_records
from stages.dialogue.repair.characters import compose_syllables
from stages.evaluate import floor_metrics
from stages.params import load_params
from stages.paths import CLEAN
from stages.rouge.rouge import MEASURES, Floats, Scorer, rouge_mean, scores
from stages.scoring.intervals import interval
from stages.submission.faults import count_kinds, describe
from stages.submission.form import id_faults, read_submission

NO_MATTER = {"bom", "header", "index", "order", "newline"}
"""Faults of a submission that leave no doubt which summary is whose."""


def read_predictions(path: Path, records: list[Record]) -> list[str]:
    """Return the file's summaries, one for each of `records`; a `UserError` names every fault."""
    if not path.is_file():
        raise UserError(f"{path} is no file; give a CSV file with the columns fname and summary")
    entries, faults = read_submission(path)
    faults += id_faults(entries, [record.id for record in records])
    refused = [
        fault for fault in faults if fault.refused and not (entries and fault.kind in NO_MATTER)
    ]
    if refused:
        lines = "\n  ".join(describe(refused))
        raise UserError(f"{path} cannot be scored: {count_kinds(refused, refused=True)}\n  {lines}")
    empty = [entry for entry in entries if entry.is_missing]
    if empty:
        raise UserError(
            f"{path}, row {empty[0].row} ({empty[0].id}), column summary: {empty[0].summary!r} is "
            f"no summary (rows of this kind: {len(empty)}); write '.' where a model wrote nothing"
        )
    summaries = {entry.id: entry.summary for entry in entries}
    return [summaries[record.id] for record in records]


def decomposed(predictions: Sequence[str]) -> int:
    """Count the summaries whose syllables are written in parts, which no score takes for whole."""
    return sum(summary != compose_syllables(summary) for summary in predictions)


def score_table(name: str, per_dialogue: Floats, floors: dict[str, float]) -> Table:
    """Return the score with its interval, and what needs no model below it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in ("", "rouge_mean", "95% interval", *MEASURES):
        table.add_column(header, justify="right" if header else "left")
    low, high = interval(per_dialogue)
    parts = [f"{scores(per_dialogue)[measure]:.2f}" for measure in MEASURES]
    table.add_row(name, f"{rouge_mean(per_dialogue):.2f}", f"{low:.2f}–{high:.2f}", *parts)
    for floor, score in floors.items():
        table.add_row(floor, f"{score:.2f}", "floor", style="dim")
    return table


def main() -> None:
    """Score the file and print it beside the floors."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.score",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, help="CSV with fname and summary")
    parser.add_argument("--split", choices=["dev", "test"], default="dev", help="(dev)")
    arguments = parser.parse_args()
    params = load_params()
    rouge = params.rouge
    split = CLEAN / f"{arguments.split}.parquet"
    records = read_records(existing(split, made_by="dvc repro clean"))
    if not all(record.summaries for record in records):
        raise UserError(f"{split} has no reference summaries, so nothing can be scored on it")
    predictions = read_predictions(arguments.file, records)
    scorer = Scorer(rouge.tokenizer, rouge.variant, rouge.references)
    references = [record.summaries for record in records]
    per_dialogue = scorer.per_dialogue(predictions, references)
    console = Console(highlight=False)
    floors = floor_metrics(records, scorer, params.data.language)
    console.print(score_table(arguments.file.name, per_dialogue, floors))
    console.print(scorer.signature(references), markup=False, soft_wrap=True)
    if parts := decomposed(predictions):
        console.print(
            f"note: {parts} summaries have syllables in parts (NFD, as macOS writes), which count "
            "as other text than whole ones: unicodedata.normalize('NFC', summary)",
            markup=False,
            soft_wrap=True,
        )


if __name__ == "__main__":
    run(main)
