import csv
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stages.command.errors import UserError
from stages.command.files import write_csv
from stages.corpus.cleaning import Outputs, clean_split
from stages.corpus.columns import layout
from stages.corpus.files import find_split
from stages.dialogue.records import ROWS_PER_GROUP, read_records
from stages.dialogue.repair.ledger import Tally
from stages.params import Data, load_params

DATA = load_params(Path(__file__).resolve().parents[2] / "params.yaml").data
NAMES = layout(Data.model_validate(DATA.model_dump() | {"speakers": "names"}))
HEADER = ["fname", "dialogue", "summary"]


class Made(NamedTuple):
    tally: Tally
    rows: bytes
    ledger: str
    speakers: str


def cleaned(folder: Path, *, split: str = "train", processes: int = 1) -> Made:
    found = find_split(folder, split)
    assert found is not None
    target = folder / f"{split}-clean.parquet"
    ledger, speakers = folder / "ledger.txt", folder / "speakers.txt"
    with (
        ledger.open("w", encoding="utf-8", newline="") as first,
        speakers.open("w", encoding="utf-8", newline="") as second,
    ):
        outputs = Outputs(target, first, second)
        tally = clean_split(found, NAMES, outputs, lambda _: None, processes=processes)
    texts = [path.read_text(encoding="utf-8") for path in (ledger, speakers)]
    return Made(tally, target.read_bytes(), *texts)


def rows(n: int) -> list[list[str]]:
    """Return rows of which every seventh has no summary and every third needs a repair."""
    return [
        [
            f"t_{i}",
            f"가람{i}: 네{' ' * (i % 3 == 0)}\n나래: {i}번.",
            "-" if i % 7 == 0 else f"가람{i}이 {i}번을 고른다.",
        ]
        for i in range(n)
    ]


def write_shards(folder: Path, every: list[list[str]], cuts: list[int]) -> None:
    folder.mkdir(parents=True)
    for number, (start, stop) in enumerate(zip([0, *cuts], [*cuts, len(every)], strict=True)):
        table = [dict(zip(HEADER, row, strict=True)) for row in every[start:stop]]
        pq.write_table(pa.Table.from_pylist(table), folder / f"part-{number}.parquet")


def test_shards_give_the_same_bytes_whatever_the_number_of_processes(tmp_path: Path) -> None:
    every = rows(ROWS_PER_GROUP + 100)
    write_shards(tmp_path / "shards/train", every, [10, ROWS_PER_GROUP - 1])
    alone = cleaned(tmp_path / "shards", processes=1)
    together = cleaned(tmp_path / "shards", processes=2)
    assert together == alone
    write_shards(tmp_path / "one/train", every, [])
    one = cleaned(tmp_path / "one")
    assert one.rows == alone.rows
    assert one.tally == alone.tally
    assert one.ledger.count("\n") == alone.ledger.count("\n")


def test_the_ledger_names_the_shard_and_the_table_the_names(tmp_path: Path) -> None:
    write_shards(tmp_path / "train", rows(3), [1])
    made = cleaned(tmp_path, processes=2)
    lines = list(csv.reader(made.ledger.splitlines(keepends=True)))
    assert [line[:3] for line in lines] == [
        ["train/part-0.parquet", "t_0", "no_summary"],
        ["train/part-1.parquet", "t_1", "tag_names"],
        ["train/part-1.parquet", "t_1", "reference.tag_names"],
        ["train/part-1.parquet", "t_2", "tag_names"],
        ["train/part-1.parquet", "t_2", "reference.tag_names"],
    ]
    assert made.speakers.splitlines() == [
        '"train/part-1.parquet","t_1","#Person1#","가람1"',
        '"train/part-1.parquet","t_1","#Person2#","나래"',
        '"train/part-1.parquet","t_2","#Person1#","가람2"',
        '"train/part-1.parquet","t_2","#Person2#","나래"',
    ]
    assert made.tally.facts()["set_aside"] == 1


@pytest.mark.parametrize("processes", [1, 2])
def test_faults_of_all_shards_are_told_at_once(tmp_path: Path, processes: int) -> None:
    every = rows(4)
    every[1][1] = "아무도 없다."
    write_shards(tmp_path / "train", every, [1])
    (tmp_path / "train/part-2.parquet").write_bytes(b"cut")
    with pytest.raises(UserError) as caught:
        cleaned(tmp_path, processes=processes)
    head, first, second = str(caught.value).splitlines()
    assert head == f"{tmp_path / 'train'} has 2 faults:"
    assert "part-1.parquet, row 1, column dialogue: there is no turn" in first
    assert "part-2.parquet is a text, not Parquet" in second


def test_an_id_of_two_shards_is_a_fault(tmp_path: Path) -> None:
    every = rows(4)
    every[3][0] = "t_1"
    write_shards(tmp_path / "train", every, [2])
    with pytest.raises(UserError, match=r"part-1\.parquet, column fname: t_1 is an id of .*part-0"):
        cleaned(tmp_path)


def test_every_row_of_dev_without_a_reference_is_told_and_where_none_has_one_test_may(
    tmp_path: Path,
) -> None:
    table = [["a", "가람: 네.", "nan"], ["b", "가람: 네.", "가"], ["c", "가람: 네.", "#Person1#"]]
    write_csv(tmp_path / "dev.csv", HEADER, table)
    with pytest.raises(UserError) as caught:
        cleaned(tmp_path, split="dev")
    told = str(caught.value)
    assert "dev.csv has 2 faults" in told
    assert "row 1 (line 2), column summary: there is no reference" in told
    assert "row 3 (line 4), column summary: there is no reference" in told
    write_csv(tmp_path / "test.csv", HEADER, table[::2])
    assert cleaned(tmp_path, split="test").tally.references == 0


def test_more_speakers_than_masks_are_counted_and_kept(tmp_path: Path) -> None:
    dialogue = "\n".join(f"사람{i}님: {i}번이요." for i in range(9))
    write_csv(tmp_path / "train.csv", HEADER, [["a", dialogue, "사람8님이 마지막이다."]])
    made = cleaned(tmp_path)
    assert made.tally.crowded == 1
    (record,) = read_records(tmp_path / "train-clean.parquet")
    assert record.dialogue.endswith("\n#Person9#: 8번이요.")
    assert record.summaries == ("#Person9#가 마지막이다.",)


def test_references_are_normalised_where_nobody_sees_it_and_codes_counted(tmp_path: Path) -> None:
    table = [["a", "가람: 네.", "\ufeff가람이 R&amp;B를 듣는다.\u200b"]]
    write_csv(tmp_path / "train.csv", HEADER, table)
    made = cleaned(tmp_path)
    assert made.tally.written_codes == 1
    assert '"reference.drop_hidden"' in made.ledger
    (record,) = read_records(tmp_path / "train-clean.parquet")
    assert record.summaries == ("#Person1#이 R&amp;B를 듣는다.",)
