"""The files of a split → one Parquet file of repaired rows, with what was done to each of them.

Shards are cleaned in processes of their own and joined in their order: the bytes are the same
whatever the number of processes, and the same as those of one file with all the rows.
"""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TextIO

from stages.command.entry import die_with_dvc
from stages.command.errors import UserError
from stages.command.faults import Faults
from stages.corpus.columns import Layout
from stages.corpus.files import Split
from stages.corpus.rows import Row, read_rows
from stages.dialogue.names import crowd, spoken
from stages.dialogue.records import Record, RecordWriter, join_records, read_column
from stages.dialogue.repair.characters import is_written_code
from stages.dialogue.repair.ledger import NO_SUMMARY, Ledger, SpeakerTable, Tally
from stages.dialogue.repair.rules import Step, reference_steps, repair_steps

_ROWS_PER_UPDATE = 1000

Watch = Callable[[int], None]
"""Is told how many bytes of the split are read by now."""


class Outputs(NamedTuple):
    """Where the rows of a split go, and what was done to them."""

    records: Path
    ledger: TextIO
    speakers: TextIO


@dataclass
class Cleaned:
    """What became of one file."""

    tally: Tally = field(default_factory=Tally)
    faults: Faults = field(default_factory=Faults)
    unreferenced: Faults = field(default_factory=Faults)
    """Rows without a reference, which are a fault where others have one."""


def clean_split(
    split: Split, layout: Layout, outputs: Outputs, watch: Watch, *, processes: int | None = None
) -> Tally:
    """Repair the rows of a split; raises `UserError` with all that is wrong with its files.

    `processes` at most work on shards; none given, as many as there are cores.
    """
    parts = outputs.records.with_suffix(".parts")
    parts.mkdir()
    jobs = [
        _Job(file, label, split.name, layout, parts / f"{number:05d}")
        for number, (file, label) in enumerate(zip(split.files, _labels(split), strict=True))
    ]
    wanted = min(len(jobs), processes or os.cpu_count() or 1)
    cleaned = list(_in_processes(jobs, wanted, watch) if wanted > 1 else _here(jobs, watch))
    faults = Faults()
    faults.extend(one.faults for one in cleaned)
    tally = Tally.total(one.tally for one in cleaned)
    _check_references(split, tally, cleaned, faults)
    if not faults.count and len(jobs) > 1:
        _check_ids(jobs, layout, faults)
    faults.check(str(split.place))
    for job in jobs:
        for name, target in (("ledger.csv", outputs.ledger), ("speakers.csv", outputs.speakers)):
            with (job.part / name).open(encoding="utf-8", newline="") as file:
                shutil.copyfileobj(file, target)
    join_records([job.part / "rows.parquet" for job in jobs], outputs.records)
    shutil.rmtree(parts)
    return tally


class _Job(NamedTuple):
    file: Path
    label: str
    split: str
    layout: Layout
    part: Path
    """The folder for what comes of the file."""


def _labels(split: Split) -> list[str]:
    """Return what the ledger calls each file."""
    if split.label.endswith("/"):
        return [f"{split.label}{file.name}" for file in split.files]
    return [file.name for file in split.files]


def _here(jobs: list[_Job], watch: Watch) -> Iterator[Cleaned]:
    before = 0
    for job in jobs:
        yield _clean_file(job, lambda done, before=before: watch(before + done))  # type: ignore[misc]
        before += job.file.stat().st_size


def _in_processes(jobs: list[_Job], processes: int, watch: Watch) -> Iterator[Cleaned]:
    # Not forked: pyarrow has threads by now, whose locks a fork would copy.
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin_process) as pool:
        done = 0
        try:
            for job, cleaned in zip(jobs, pool.map(_clean_file, jobs), strict=True):
                done += job.file.stat().st_size
                watch(done)
                yield cleaned
        except BrokenProcessPool:
            raise UserError(
                f"a process that read {jobs[0].file.parent} was killed, perhaps for its memory; "
                "make smaller shards, or close other programs"
            ) from None


def _begin_process() -> None:
    die_with_dvc()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback


def _clean_file(job: _Job, watch: Watch | None = None) -> Cleaned:
    cleaned = Cleaned()
    job.part.mkdir()
    with (
        RecordWriter(job.part / "rows.parquet") as writer,
        (job.part / "ledger.csv").open("w", encoding="utf-8", newline="") as ledger_file,
        (job.part / "speakers.csv").open("w", encoding="utf-8", newline="") as speaker_file,
    ):
        ledger, speakers = Ledger(ledger_file), SpeakerTable(speaker_file)
        needs_summary = job.split != "test"
        rows = read_rows(job.file, job.layout, cleaned.faults, needs_summary=needs_summary)
        for row in rows:
            record, steps = _clean_row(row, job.split, cleaned)
            if record:
                writer.write(record)
                speakers.write(job.label, record.id, row.names)
            ledger.write(job.label, row.record.id, steps)
            if watch and cleaned.tally.read % _ROWS_PER_UPDATE == 0:
                watch(row.done)
    return cleaned


def _clean_row(row: Row, split: str, cleaned: Cleaned) -> tuple[Record | None, list[Step]]:
    """Return the repaired row, or none where it is set aside, and what was done to it."""
    tally = cleaned.tally
    tally.count_read(row.record)
    if split == "train" and not row.record.summaries:
        steps = [Step(NO_SUMMARY, row.record.dialogue, "")]
        tally.count_cleaned(steps, kept=False)
        return None, steps
    record, steps = clean_record(row.record)
    speakers = spoken(record.dialogue)
    if not speakers:
        cleaned.faults.add(
            f"{row.place}, column dialogue: there is no turn such as '#Person1#: 안녕하세요.' in "
            f"{record.dialogue[:40]!r}; mend the row or take it out, or where all speakers are "
            "names say data.speakers: names in params.yaml"
        )
    if not record.summaries:
        cleaned.unreferenced.add(
            f"{row.place}, column summary: there is no reference summary; fill it in, for a score "
            "is of all rows (test alone may go without, and then in every row)"
        )
    tally.crowded += bool(crowd(len(speakers)))
    tally.most_speakers = max(tally.most_speakers, len(speakers))
    tally.written_codes += any(map(is_written_code, record.summaries))
    tally.count_cleaned(row.steps + steps, kept=True)
    return record, row.steps + steps


def clean_record(record: Record) -> tuple[Record, list[Step]]:
    """Repair a record's dialogue, bring its references in order, and say by which steps."""
    steps = list(repair_steps(record.dialogue))
    dialogue = steps[-1].after if steps else record.dialogue
    summaries = []
    for reference in record.summaries:
        seen = list(reference_steps(reference))
        summaries.append(seen[-1].after if seen else reference)
        steps += seen
    if not steps:
        return record, steps
    return replace(record, dialogue=dialogue, summaries=tuple(summaries)), steps


def _check_references(split: Split, tally: Tally, cleaned: list[Cleaned], faults: Faults) -> None:
    """Refuse training data without a summary, and a dev or test set with only some references."""
    if split.name == "train":
        if tally.kept == 0 and not faults.count:
            faults.add(f"{split.place}, column summary: every row is empty; fill in summaries")
    elif split.name == "dev" or tally.references:
        faults.extend(one.unreferenced for one in cleaned)


def _check_ids(jobs: list[_Job], layout: Layout, faults: Faults) -> None:
    """Find ids that two shards have; within one file they were found already."""
    file_of: dict[str, Path] = {}
    for job in jobs:
        for identifier in read_column(job.part / "rows.parquet", "id"):
            first = file_of.setdefault(identifier, job.file)
            if first != job.file:
                faults.add(
                    f"{job.file}, column {layout.names['id'][0]}: {identifier} is an id of "
                    f"{first} already; give one of them another id, or take it out"
                )
