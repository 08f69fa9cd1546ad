"""Repair the dialogues, and guard the scores: CSV in `data.dir` -> Parquet in data/clean.

Reads train.csv, dev.csv and, where there is one, test.csv. Writes a Parquet file for each, and
ledger.csv (every rule that changed a row, every row set aside), leaks.csv (every near-copy of a dev
or test row in train), suspects.csv (training summaries that may be another dialogue's) and, if
asked for, folds.csv. Counts rows in metrics/clean.json. What the guard found is counted apart, in
metrics/leaks.json, for a training depends on the first: nobody trains anew for a report.

Only training rows are ever set aside: those without a summary and, if `clean.leaks` is `drop`,
near-copies of dev and test. No summary is changed: cleaning them cost one team 0.7 points, and
rewritten references compare with nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from rich.progress import Progress

from stages.command.entry import run_stage
from stages.command.errors import UserError
from stages.command.files import whole_file, whole_folder, write_json
from stages.command.lock import only_one
from stages.command.progress import progress_bar, say
from stages.dialogue.csv_reader import CsvRow, read_rows
from stages.dialogue.language import language_of
from stages.dialogue.records import Record, RecordWriter, iter_records
from stages.dialogue.repair.ledger import NO_SUMMARY, Ledger, Tally
from stages.dialogue.repair.rules import Step, repair_steps
from stages.dialogue.turns import split_turns
from stages.leaks.folds import deal_folds, take_out
from stages.leaks.survey import (
    BLOCK_ROWS,
    Query,
    copy_facts,
    leak_facts,
    rows_to_drop,
    survey,
    suspect_facts,
    write_findings,
)
from stages.params import Language, Params, load_params
from stages.paths import CLEAN, CLEAN_METRICS, LEAK_METRICS

ROWS_PER_UPDATE = 1000

LANGUAGE_ROWS = 1000
"""Rows of a file that tell its language."""

NEAR_COPIES: dict[Language, float] = {"ko": 0.20, "en": 0.50}
"""What `clean.leak_threshold: auto` is. Korean has many more characters than English, so that two
texts share fewer 3-grams by chance."""

MANY = 0.1
"""Share of train from which on dropped rows are hardly all copies: real data has 1.5 and 1.6%."""


def find_files(folder: Path, *, fold: int) -> list[Path]:
    """Return the CSV files of a data folder: train, dev and, where it is there, test.

    A `fold` that is held out makes dev.csv, in whose place it comes, dispensable.
    """
    train, dev, test = (folder / f"{split}.csv" for split in ("train", "dev", "test"))
    sources = [train, *([dev] if dev.exists() or not fold else []), *([test] * test.exists())]
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
            tally.count_read(row.record, row.place)
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


def clean_row(row: CsvRow) -> tuple[Record, list[Step]]:
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


def guard(
    draft: Path,
    tallies: dict[str, Tally],
    params: Params,
    ledger: Ledger,
    progress: Progress,
) -> dict[str, dict[str, Any]]:
    """Report what train has in common with dev, test and itself; drop and hold out as asked."""
    clean, auto = params.clean, NEAR_COPIES[params.data.language]
    threshold = auto if clean.leak_threshold == "auto" else clean.leak_threshold
    train = draft / "train.parquet"
    queries = [
        Query(split, record.id, record.dialogue)
        for split in tallies
        if split != "train"
        for record in iter_records(draft / f"{split}.parquet")
    ]
    rows = tallies["train"].kept
    found = survey(
        watched(train, rows, progress),
        [query.dialogue for query in queries],
        threshold=threshold,
        grouped=clean.folds > 0 or rows <= BLOCK_ROWS,
    )
    write_findings(draft, found, queries)
    leaked = {leak.row for leak in found.leaks}
    dropped = set()
    if clean.leaks == "drop" and leaked:
        dropped = rows_to_drop(found.leaks, rows=rows, threshold=threshold)
        with whole_file(train) as rest:
            take_out(train, rest, dropped, ledger=ledger, tally=tallies["train"])
    if clean.folds and found.groups is not None:
        groups = [group for row, group in enumerate(found.groups) if row not in dropped]
        deal_folds(draft, groups, clean, tallies)
    return {
        "leaks": leak_facts(found.leaks, queries, threshold)
        | {"train": {"rows": len(leaked), "dropped": len(dropped)}},
        "copies": copy_facts(found.groups),
        "suspects": suspect_facts(found),
    }


def watched(path: Path, rows: int, progress: Progress) -> Iterator[Record]:
    """Yield the records of a Parquet file under a progress bar."""
    task = progress.add_task("look for near-copies", total=rows, note="")
    for row, record in enumerate(iter_records(path)):
        yield record
        if row % ROWS_PER_UPDATE == 0:
            progress.update(task, completed=row)


def main() -> None:
    """Clean every split, or leave everything as it was."""
    params = load_params()
    sources = find_files(Path(params.data.dir), fold=params.clean.fold)
    with (
        only_one("clean"),
        progress_bar() as progress,
        whole_folder(CLEAN) as draft,
        (draft / "ledger.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        ledger = Ledger(file)
        tallies = {
            source.stem: clean_file(source, draft / f"{source.stem}.parquet", ledger, progress)
            for source in sources
        }
        warned = other_language(sources, draft, params.data.language)
        findings = guard(draft, tallies, params, ledger, progress)
    write_json(CLEAN_METRICS, split_facts(sources, tallies, params.clean.fold))
    write_json(LEAK_METRICS, findings)
    rows = "; ".join(
        f"{split} {tally.kept} rows, {tally.changed} repaired, {tally.set_aside} set aside"
        for split, tally in tallies.items()
    )
    say(f"{CLEAN}: {rows}; {leaks_told(findings['leaks'], rows=tallies['train'].read)}")
    if warned:
        say(warned)


def other_language(sources: list[Path], draft: Path, language: Language) -> str:
    """Say which files are not in `data.language`, by most of their letters; empty where all are."""
    found = {source: language_of(texts_of(draft, source.stem)) for source in sources}
    others = {source: other for source, other in found.items() if other not in (None, language)}
    if not others:
        return ""
    files, other = ", ".join(map(str, others)), next(iter(others.values()))
    letters = "Latin" if other == "en" else "Hangul"
    return (
        f"warning: {files}: most letters are {letters}, and data.language is {language}; put "
        f"data.language: {other} into params.yaml, or name another folder as data.dir"
    )


def texts_of(draft: Path, split: str) -> Iterator[str]:
    """Yield the texts of the first rows of a split."""
    for record in islice(iter_records(draft / f"{split}.parquet"), LANGUAGE_ROWS):
        yield record.dialogue
        yield from record.summaries


def leaks_told(leaks: Mapping[str, Any], *, rows: int) -> str:
    """Say in words what train, of so many rows, has or had in common with dev.csv and test.csv."""
    copied = [f"{facts['rows']} {split}" for split, facts in leaks.items() if split != "train"]
    found = f"near-copies of {' and '.join(copied)} rows"
    dropped = leaks["train"]["dropped"]
    if dropped:
        many = dropped >= MANY * rows
        warned = "; so many are hardly copies: raise clean.leak_threshold" if many else ""
        return f"{dropped} train rows were {found} and are dropped{warned}"
    return (
        f"train has {found}" if copied else "near-copies of dev.csv and test.csv: there are neither"
    )


def split_facts(sources: list[Path], tallies: dict[str, Tally], fold: int) -> dict[str, object]:
    """Return the numbers of each split, and which file they are of."""
    train, *_ = sources
    facts: dict[str, object] = {
        source.stem: file_identity(source) | tallies[source.stem].facts() for source in sources
    }
    if fold:
        facts["dev"] = {"fold": fold} | file_identity(train) | tallies["dev"].facts()
    return facts


def file_identity(source: Path) -> dict[str, object]:
    """Return what tells one edition of a file from another: its MD5 and its size in bytes."""
    with source.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return {"md5": md5.hexdigest(), "bytes": source.stat().st_size}


if __name__ == "__main__":
    run_stage(main, __doc__)
