"""A dialogue with its summaries, and the Parquet files that hold them.

Files are read and written in row groups, so a file of any length needs the memory of one group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from stages.command.files import read_parquet, reading

MADE_BY = "dvc repro clean"
ROWS_PER_GROUP = 4096

RECORD_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("dialogue", pa.string(), nullable=False),
        pa.field("summaries", pa.list_(pa.string()), nullable=False),
        pa.field("topic", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the data."""

    id: str
    """The `fname` of the competition; unique in its split."""
    dialogue: str
    """Turns, one a line."""
    summaries: tuple[str, ...]
    """The references; one or several, in test perhaps none."""
    topic: str
    """Free text; empty where the file has none."""


class RecordWriter:
    """Write records to one Parquet file, a row group at a time.

    >>> with RecordWriter(path) as writer:
    ...     writer.write(Record("train_0", "#Person1#: 안녕하세요.", ("인사합니다.",), "인사"))
    """

    def __init__(self, path: Path) -> None:
        """Create the file, without rows."""
        self._file = pq.ParquetWriter(path, RECORD_SCHEMA, compression="zstd")
        self._waiting: list[Record] = []

    def write(self, record: Record) -> None:
        """Add one row."""
        self._waiting.append(record)
        if len(self._waiting) == ROWS_PER_GROUP:
            self._flush()

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is waiting and close the file; after an error, only close it."""
        try:
            if kind is None:
                self._flush()
        finally:
            self._file.close()

    def _flush(self) -> None:
        columns = [
            [record.id for record in self._waiting],
            [record.dialogue for record in self._waiting],
            [record.summaries for record in self._waiting],
            [record.topic for record in self._waiting],
        ]
        self._file.write_table(pa.table(columns, schema=RECORD_SCHEMA))
        self._waiting.clear()


def iter_records(path: Path, batch_rows: int = ROWS_PER_GROUP) -> Iterator[Record]:
    """Yield the rows of a Parquet file in their order, holding `batch_rows` of them at a time."""
    with reading(path, made_by=MADE_BY), pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=batch_rows):
            batch.validate(full=True)
            for identifier, dialogue, summaries, topic in zip(
                *(batch[name].to_pylist() for name in RECORD_SCHEMA.names), strict=True
            ):
                yield Record(identifier, dialogue, tuple(summaries), topic)


def join_records(parts: Sequence[Path], target: Path) -> None:
    """Write the rows of several Parquet files into one, as a `RecordWriter` would have done."""
    if len(parts) == 1:
        parts[0].replace(target)
        return
    with pq.ParquetWriter(target, RECORD_SCHEMA, compression="zstd") as joined:
        waiting = RECORD_SCHEMA.empty_table()
        for part in parts:
            with pq.ParquetFile(part) as file:
                for batch in file.iter_batches(batch_size=ROWS_PER_GROUP):
                    waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch])])
                    if len(waiting) >= ROWS_PER_GROUP:
                        joined.write_table(waiting.slice(0, ROWS_PER_GROUP).combine_chunks())
                        waiting = waiting.slice(ROWS_PER_GROUP)
        if len(waiting):
            joined.write_table(waiting.combine_chunks())


def read_records(path: Path) -> list[Record]:
    """Return all rows of a Parquet file, in their order."""
    return list(iter_records(path))


def read_column(path: Path, name: str) -> list[str]:
    """Return one column of a Parquet file: `id`, `dialogue` or `topic` of all rows."""
    column: list[str] = read_parquet(path, [name], made_by=MADE_BY)[name].to_pylist()
    return column
