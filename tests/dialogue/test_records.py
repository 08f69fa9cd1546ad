from pathlib import Path

import pyarrow.parquet as pq
import pytest

from stages.command.errors import UserError
from stages.dialogue.records import (
    RECORD_SCHEMA,
    ROWS_PER_GROUP,
    Record,
    RecordWriter,
    iter_records,
    read_records,
)

RECORDS = [
    Record("train_0", "#Person1#: 안녕.\n#Person2#: 응.", ("인사합니다.",), "인사"),
    Record("train_2", "#Person1#: 안녕.", (), ""),
    Record("train_1", "#Person1#: 안녕.", ("인사.", "두 사람이 인사한다."), "인사"),
]


def write(path: Path, records: list[Record]) -> None:
    with RecordWriter(path) as writer:
        for record in records:
            writer.write(record)


def test_records_come_back_as_they_were_in_their_order(tmp_path: Path) -> None:
    write(tmp_path / "records.parquet", RECORDS)
    assert read_records(tmp_path / "records.parquet") == RECORDS
    assert list(iter_records(tmp_path / "records.parquet", batch_rows=1)) == RECORDS


def test_the_file_has_the_schema_even_without_rows(tmp_path: Path) -> None:
    write(tmp_path / "records.parquet", [])
    assert pq.read_schema(tmp_path / "records.parquet").names == RECORD_SCHEMA.names
    assert read_records(tmp_path / "records.parquet") == []


def test_long_files_are_written_in_groups(tmp_path: Path) -> None:
    records = [Record(f"train_{n}", "#Person1#: 응.", (), "") for n in range(ROWS_PER_GROUP + 1)]
    write(tmp_path / "records.parquet", records)
    with pq.ParquetFile(tmp_path / "records.parquet") as file:
        groups = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert groups == [ROWS_PER_GROUP, 1]
    assert read_records(tmp_path / "records.parquet") == records


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(tmp_path / name, RECORDS)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_after_an_error_the_rows_that_wait_are_not_written(tmp_path: Path) -> None:
    def write_one_and_fail() -> None:
        with RecordWriter(tmp_path / "records.parquet") as writer:
            writer.write(RECORDS[0])
            raise UserError("broken")

    with pytest.raises(UserError, match="broken"):
        write_one_and_fail()
    assert read_records(tmp_path / "records.parquet") == []
