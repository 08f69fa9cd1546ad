"""Repair the dialogues: CSV in `data.dir` -> Parquet in data/clean.

Reads train.csv, dev.csv and, where there is one, test.csv. Writes a Parquet file for each,
data/clean/ledger.csv with a line for every rule that changed a row and for every row set aside, and
metrics/clean.json. Only training rows are ever set aside: those without a summary. No summary is
changed: cleaning them cost one team 0.7 points, and rewritten references compare with nothing.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from rich.progress import Progress

from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import whole_folder, write_json
from stages.command.lock import only_one
from stages.command.progress import progress_bar, say
from stages.params import load_params
from stages.text.csv_reader import Row, read_rows
from stages.text.ledger import NO_SUMMARY, Ledger, Tally
from stages.text.records import Record, RecordWriter
from stages.text.repair import Step, repair_steps
from stages.text.turns import split_turns

CLEAN = Path("data/clean")
METRICS = Path("metrics/clean.json")
ROWS_PER_UPDATE = 1000


def find_sources(folder: Path) -> list[Path]:
    """Return the CSV files of a data folder: train, dev and, where it is there, test."""
    train, dev, test = (folder / f"{split}.csv" for split in ("train", "dev", "test"))
    sources = [train, dev, test] if test.exists() else [train, dev]
    for source in sources:
        if not source.is_file():
            fault = "is a folder, not a file" if source.is_dir() else "is missing"
            raise UserError(
                f"{source} {fault}; put the file there, or name another folder as data.dir "
                "in params.yaml"
            )
    return sources


def clean_file(source: Path, target: Path, ledger: Ledger, progress: Progress) -> Tally:
    """Repair the rows of `source` (CSV) into `target` (Parquet), holding few of them at a time."""
    split = source.stem
    tally = Tally()
    task = progress.add_task(f"clean {source.name}", total=source.stat().st_size, note="")
    with RecordWriter(target) as writer:
        for row in read_rows(source, needs_summary=split != "test"):
            tally.count_read(row)
            kept = split != "train" or bool(row.record.summaries)
            if kept:
                record, steps = clean_row(row)
                writer.write(record)
            else:
                steps = [Step(NO_SUMMARY, row.record.dialogue, "")]
            tally.count_cleaned(steps, kept=kept)
            ledger.write(source.name, row.record.id, steps)
            if tally.read % ROWS_PER_UPDATE == 0:
                progress.update(task, completed=row.bytes_read)
    check_references(source, tally)
    return tally


def clean_row(row: Row) -> tuple[Record, list[Step]]:
    """Repair a row's dialogue, and say by which steps."""
    steps = list(repair_steps(row.record.dialogue))
    record = replace(row.record, dialogue=steps[-1].after) if steps else row.record
    if not any(turn.speaker and turn.text for turn in split_turns(record.dialogue)):
        raise UserError(
            f"{row.place}, column dialogue: there is no turn such as '#Person1#: 안녕하세요.' in "
            f"{record.dialogue[:40]!r}; mend the row, or take it out"
        )
    return record, steps


def check_references(source: Path, tally: Tally) -> None:
    """Refuse training data without a summary, and a dev or test set with only some references."""
    split = source.stem
    if split == "train" and tally.kept == 0:
        raise UserError(f"{source}, column summary: every row is empty; fill in summaries")
    must_have_all = split == "dev" or (split == "test" and tally.references > 0)
    if must_have_all and tally.without_reference:
        raise UserError(
            f"{tally.without_reference}, column summary: there is no reference summary; fill it "
            "in, for a score is of all rows (test alone may go without, and then in every row)"
        )


def main() -> None:
    """Clean every split, or leave everything as it was."""
    sources = find_sources(Path(load_params().data.dir))
    metrics = {}
    with (
        only_one("clean"),
        progress_bar() as progress,
        whole_folder(CLEAN) as draft,
        (draft / "ledger.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        ledger = Ledger(file)
        for source in sources:
            tally = clean_file(source, draft / f"{source.stem}.parquet", ledger, progress)
            metrics[source.stem] = fingerprint(source) | tally.facts()
    write_json(METRICS, metrics)
    rows = (
        f"{split} {facts['kept']} rows, {facts['changed']} repaired, {facts['set_aside']} set aside"
        for split, facts in metrics.items()
    )
    say(f"{CLEAN}: {'; '.join(rows)}")


def fingerprint(source: Path) -> dict[str, object]:
    """Return what tells one edition of a file from another: its MD5 and its size in bytes."""
    with source.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return {"md5": md5.hexdigest(), "bytes": source.stat().st_size}


if __name__ == "__main__":
    run(main)
