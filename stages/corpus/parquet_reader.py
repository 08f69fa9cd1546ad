"""Read Parquet files, a batch of rows at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from stages.command.errors import UserError
from stages.corpus.content import check_content
from stages.corpus.tables import Cells, SourceTable, flatten_row

_BATCH_ROWS = 1024


def parquet_table(path: Path, file: BinaryIO) -> SourceTable:
    """Return the names of the columns and the rows; raises `UserError` where it is damaged."""
    check_content(path, file, "parquet")
    try:
        parquet = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise UserError(_describe(path, error)) from None
    return SourceTable(list(_names(parquet.schema_arrow)), _rows(path, parquet))


def _rows(path: Path, parquet: Any) -> Iterator[Cells]:
    number, size = 0, path.stat().st_size
    try:
        for batch in parquet.iter_batches(batch_size=_BATCH_ROWS):
            for row in batch.to_pylist():
                number += 1
                done = size * number // parquet.metadata.num_rows
                yield Cells(f"{path}, row {number}", flatten_row(row), done)
    except (pa.ArrowException, OSError) as error:
        raise UserError(_describe(path, error)) from None


def _names(fields: Any, prefix: str = "") -> Iterator[str]:
    for field in fields:
        if pa.types.is_struct(field.type):
            inner = [field.type.field(i) for i in range(field.type.num_fields)]
            yield from _names(inner, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}"


def _describe(path: Path, error: Exception) -> str:
    reason = str(error).splitlines()[0][:120]
    return f"{path} is damaged Parquet ({reason}); get the file anew"
