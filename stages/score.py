"""Score a file of predictions, from wherever it comes, as `evaluate` scores its own.

The file is CSV with the columns `fname` and `summary`, and one row for each dialogue of the split.
Their order, other columns and a byte order mark mean nothing here, nor do tabs for commas, JSON, or
`id` and `prediction` for the names; where two columns could be the model's, --column says which.
`stages.validate` tells what a leaderboard would refuse. Reads data/clean/ and writes nothing.

    python -m stages.score baseline_dev.csv
    python -m stages.score baseline_test.csv --split test
    python -m stages.score both.csv --column prediction
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import existing
from stages.dialogue.records import Record, read_records
from stages.evaluate import floor_metrics
from stages.params import load_params
from stages.paths import CLEAN
from stages.rouge.rouge import MEASURES, Floats, Scorer, rouge_mean, scores
from stages.scoring.intervals import interval
from stages.submission.check import text_faults
from stages.submission.faults import count_kinds, describe
from stages.submission.form import id_faults, read_submission

NO_MATTER = {"bom", "header", "index", "order", "newline"}
"""Faults of a submission that leave no doubt which summary is whose."""

NOTHING = "."
"""What stands for a summary where a model wrote nothing."""

NOTES = {
    "decomposed": (
        "have syllables in parts (NFD, as macOS writes), which count as other text than whole "
        "ones: unicodedata.normalize('NFC', summary)"
    ),
    "hidden": "have characters that nobody sees and a score counts: U+FEFF, U+200B and their like",
    "written_code": "have _x000D_ or HTML entities, which count as words: mend what wrote them",
    "special_token": "have special tokens such as </s>, which count as words: decode without them",
    "odd_blank": "have blanks such as U+00A0, which are letters to some: ' '.join(summary.split())",
}
"""What costs a file its score unseen, by the kind that `validate` calls it."""


def read_predictions(path: Path, records: list[Record], column: str | None = None) -> list[str]:
    """Return the file's summaries, one for each of `records`; a `UserError` names every fault."""
    if not path.is_file():
        raise UserError(f"{path} is no file; give a CSV file with the columns fname and summary")
    entries, faults = read_submission(path, column)
    if doubts := [fault.reason for fault in faults if fault.kind == "which_column"]:
        raise UserError(f"{path}: {doubts[0]}")
    if column and not entries:
        raise UserError(f"{path} has no column {column}, or no row; see its header")
    faults += id_faults(entries, [record.id for record in records])
    refused = [
        fault for fault in faults if fault.refused and not (entries and fault.kind in NO_MATTER)
    ]
    if refused:
        lines = "\n  ".join(describe(refused))
        raise UserError(f"{path} cannot be scored: {count_kinds(refused, refused=True)}\n  {lines}")
    empty = [entry for entry in entries if entry.is_missing and entry.summary.strip() != NOTHING]
    if empty:
        raise UserError(
            f"{path}, row {empty[0].row} ({empty[0].id}), column summary: {empty[0].summary!r} is "
            f"no summary (rows of this kind: {len(empty)}); write '.' where a model wrote nothing"
        )
    listed = [entry for entry in entries if "list" in text_faults(entry.summary)]
    if listed:
        raise UserError(
            f"{path}, row {listed[0].row} ({listed[0].id}), column summary: "
            f"{listed[0].summary[:30]!r} is a list of Python's (rows of this kind: {len(listed)}); "
            "write the text alone: summary[0]"
        )
    summaries = {entry.id: entry.summary for entry in entries}
    return [summaries[record.id] for record in records]


def notes(predictions: Sequence[str]) -> list[str]:
    """Return a line for each thing in the summaries that a score counts and nobody meant."""
    counts = Counter(kind for summary in predictions for kind in text_faults(summary))
    return [
        f"note: {counts[kind]} summaries {what}" for kind, what in NOTES.items() if counts[kind]
    ]


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
    parser = command_parser("score", __doc__)
    parser.add_argument("file", type=Path, help="CSV with fname and summary")
    parser.add_argument("--split", choices=["dev", "test"], default="dev", help="(dev)")
    parser.add_argument("--column", metavar="NAME", help="the one with the model's summaries")
    arguments = parser.parse_args()
    params = load_params()
    rouge = params.rouge
    split = CLEAN / f"{arguments.split}.parquet"
    records = read_records(existing(split, made_by="dvc repro clean"))
    if not all(record.summaries for record in records):
        raise UserError(f"{split} has no reference summaries, so nothing can be scored on it")
    predictions = read_predictions(arguments.file, records, arguments.column)
    scorer = Scorer(rouge.tokenizer, rouge.variant, rouge.references)
    references = [record.summaries for record in records]
    per_dialogue = scorer.per_dialogue(predictions, references)
    console = Console(highlight=False)
    floors = floor_metrics(records, scorer, params.data.language)
    console.print(score_table(arguments.file.name, per_dialogue, floors))
    console.print(scorer.signature(references), markup=False, soft_wrap=True)
    for line in notes(predictions):
        console.print(line, markup=False, soft_wrap=True)


if __name__ == "__main__":
    run(main)
