from pathlib import Path

import pyarrow.parquet as pq
from tokenizers import Tokenizer

from stages.dialogue.records import ROWS_PER_GROUP, Record
from stages.model.examples import TOKEN_SCHEMA, write_examples
from stages.model.tokenizer import encode

SHORT = "#Person1#: 네.\n#Person2#: 네."
LONG = "#Person1#: 네.\n#Person2#: 네.\n#Person1#: 내일 도서관에서 보자.\n#Person2#: 그래."
ENDLESS = f"#Person1#: {'가' * 50}"


def written(path: Path, records: list[Record], tokenizer: Tokenizer) -> dict[str, float]:
    return write_examples(
        path,
        iter(records),
        tokenizer=tokenizer,
        prompt=None,
        max_source_tokens=20,
        max_target_tokens=10,
    )


def test_rows_are_the_ids_of_dialogue_and_first_summary(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    path = tmp_path / "train.parquet"
    records = [Record("a", SHORT, ("네.", "다른 요약."), "일상"), Record("b", LONG, (), "")]
    written(path, records, tokenizer)
    table = pq.read_table(path)
    assert table.schema == TOKEN_SCHEMA
    short, long = (encode(tokenizer, [text], max_tokens=20)[0] for text in (SHORT, LONG))
    summary = encode(tokenizer, ["네."], max_tokens=10)[0]
    assert table.to_pylist() == [
        {"id": "a", "input_ids": short.ids, "labels": summary.ids, "truncated": False},
        {"id": "b", "input_ids": long.ids, "labels": [], "truncated": True},
    ]
    assert long.turns_left_out == 2


def test_what_is_truncated_is_counted(tmp_path: Path, tokenizer: Tokenizer) -> None:
    records = [
        Record("a", SHORT, ("네.",), ""),
        Record("b", LONG, ("가" * 30,), ""),
        Record("c", ENDLESS, (), ""),
    ]
    counts = written(tmp_path / "dev.parquet", records, tokenizer)
    rows = pq.read_table(tmp_path / "dev.parquet").to_pylist()
    assert [row["truncated"] for row in rows] == [False, True, True]
    lengths = [len(row["input_ids"]) for row in rows]
    labels = [len(row["labels"]) for row in rows[:2]]
    assert counts == {
        "rows": 3,
        "dialogue_tokens_mean": round(sum(lengths) / 3, 2),
        "dialogue_tokens_max": 20,
        "summary_tokens_mean": sum(labels) / 2,
        "summary_tokens_max": 10,
        "dialogues_truncated": 2,
        "turns_left_out": 2,
        "summaries_truncated": 1,
        "tokens": sum(lengths) + sum(labels),
        "unknown_tokens": 0,
    }


def test_a_summary_of_several_lines_is_one_turn(tmp_path: Path, tokenizer: Tokenizer) -> None:
    # Of two lines the second would be left out as a turn that does not fit.
    path = tmp_path / "train.parquet"
    written(path, [Record("a", SHORT, ("네.\n아니요.",), "")], tokenizer)
    (row,) = pq.read_table(path).to_pylist()
    assert row["labels"] == encode(tokenizer, ["네. 아니요."], max_tokens=10)[0].ids


def test_a_split_without_rows_has_a_file_and_zeros(tmp_path: Path, tokenizer: Tokenizer) -> None:
    counts = written(tmp_path / "test.parquet", [], tokenizer)
    assert set(counts.values()) == {0}
    assert pq.read_table(tmp_path / "test.parquet").num_rows == 0


def test_rows_beyond_one_group_keep_their_order(tmp_path: Path, tokenizer: Tokenizer) -> None:
    records = [Record(str(i), "#Person1#: 네.", ("네.",), "") for i in range(ROWS_PER_GROUP + 2)]
    counts = written(tmp_path / "train.parquet", records, tokenizer)
    ids = pq.read_table(tmp_path / "train.parquet")["id"].to_pylist()
    assert ids == [record.id for record in records]
    assert counts["rows"] == len(records)
