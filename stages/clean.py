"""Repair the dialogues, and guard the scores: the files in `data.dir` -> Parquet in data/clean.

Reads train, dev and, where there is one, test, as CSV, JSON, Parquet or a workbook (docs/data.md).
Writes a Parquet file for each, and ledger.csv (every rule that changed a row, every row set aside),
leaks.csv (every near-copy of a dev or test row in train), suspects.csv (training summaries that may
be another dialogue's), speakers.csv where speakers were names and, if asked for, folds.csv. Counts
rows in metrics/clean.json. What the guard found is counted apart, in metrics/leaks.json, for a
training depends on the first: nobody trains anew for a report.

Only training rows are ever set aside: those without a summary and, if `clean.leaks` is `drop`,
near-copies of dev and test. No word of a summary is rewritten: cleaning them cost one team 0.7
points, and rewritten references compare with nothing.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from rich.progress import Progress, TaskID

from stages.command.entry import run_stage
from stages.command.files import whole_file, whole_folder, write_json
from stages.command.lock import only_one
from stages.command.progress import note, progress_bar, say
from stages.corpus.cleaning import Outputs, clean_split
from stages.corpus.columns import Layout, layout
from stages.corpus.files import Split, find_splits
from stages.dialogue.language import language_of
from stages.dialogue.names import crowd
from stages.dialogue.records import Record, iter_records
from stages.dialogue.repair.ledger import Ledger, SpeakerTable, Tally, write_header
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


def clean_splits(
    draft: Path, splits: list[Split], named: Layout, ledger: TextIO, progress: Progress
) -> dict[str, Tally]:
    """Repair every split into `draft`; return what became of each."""
    write_header(ledger, Ledger.HEADER)
    tallies = {}
    with (draft / "speakers.csv").open("w", encoding="utf-8", newline="") as speakers:
        write_header(speakers, SpeakerTable.HEADER)
        header = speakers.tell()
        for split in splits:
            size = sum(file.stat().st_size for file in split.files)
            task = progress.add_task(f"clean {split.label}", total=size, note="")
            outputs = Outputs(draft / f"{split.name}.parquet", ledger, speakers)
            watch = partial(_update, progress, task)
            tallies[split.name] = clean_split(split, named, outputs, watch)
        nobody_named = speakers.tell() == header
    if nobody_named:
        (draft / "speakers.csv").unlink()
    return tallies


def _update(progress: Progress, task: TaskID, done: int) -> None:
    progress.update(task, completed=done)


def guard(
    draft: Path,
    tallies: dict[str, Tally],
    params: Params,
    ledger: Ledger,
    progress: Progress,
    *,
    label: str,
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
            take_out(train, rest, dropped, label=label, ledger=ledger, tally=tallies["train"])
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
    splits = find_splits(Path(params.data.dir), fold=params.clean.fold)
    with (
        only_one("clean"),
        progress_bar() as progress,
        whole_folder(CLEAN) as draft,
        (draft / "ledger.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        tallies = clean_splits(draft, splits, layout(params.data), file, progress)
        warned = other_language(splits, draft, params.data.language)
        findings = guard(draft, tallies, params, Ledger(file), progress, label=splits[0].label)
    write_json(CLEAN_METRICS, split_facts(splits, tallies, params.clean.fold))
    write_json(LEAK_METRICS, findings)
    tell_notes(tallies)
    rows = "; ".join(
        f"{split} {tally.kept} rows, {tally.changed} repaired, {tally.set_aside} set aside"
        for split, tally in tallies.items()
    )
    say(f"{CLEAN}: {rows}; {leaks_told(findings['leaks'], rows=tallies['train'].read)}")
    if warned:
        say(warned)


def other_language(splits: list[Split], draft: Path, language: Language) -> str:
    """Say which files are not in `data.language`, by most of their letters; empty where all are."""
    found = {split.place: language_of(sample_texts(draft, split.name)) for split in splits}
    others = {source: other for source, other in found.items() if other not in (None, language)}
    if not others:
        return ""
    files, other = ", ".join(map(str, others)), next(iter(others.values()))
    letters = "Latin" if other == "en" else "Hangul"
    return (
        f"warning: {files}: most letters are {letters}, and data.language is {language}; put "
        f"data.language: {other} into params.yaml, or name another folder as data.dir"
    )


def sample_texts(draft: Path, split: str) -> Iterator[str]:
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


def tell_notes(tallies: Mapping[str, Tally]) -> None:
    """Say once what is taken as it is and may not be meant."""
    crowded = sum(tally.crowded for tally in tallies.values())
    if crowded:
        most = max(tally.most_speakers for tally in tallies.values())
        note(f"{crowded:,} rows have up to {crowd(most)}")
    written = sum(tally.written_codes for tally in tallies.values())
    if written:
        note(
            f"rows with HTML entities or _x000D_ in a reference: {written}; a score counts them; "
            "words of references are not rewritten, so mend them in the file"
        )


def split_facts(splits: list[Split], tallies: dict[str, Tally], fold: int) -> dict[str, object]:
    """Return the numbers of each split, and which file they are of."""
    facts: dict[str, object] = {
        split.name: split.identity() | tallies[split.name].facts() for split in splits
    }
    if fold:
        facts["dev"] = {"fold": fold} | splits[0].identity() | tallies["dev"].facts()
    return facts


if __name__ == "__main__":
    run_stage(main, __doc__)
