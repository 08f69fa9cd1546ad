from pathlib import Path

import pytest

from stages.command.errors import UserError
from stages.corpus.files import find_split, find_splits


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    ("split", "name"),
    [
        *(
            ("train", f"train.{kind}")
            for kind in ("csv", "tsv", "json", "jsonl", "parquet", "xlsx")
        ),
        *(("dev", f"{name}.csv") for name in ("dev", "val", "valid", "validation")),
        ("dev", "Validation.CSV"),
        ("test", "dialogsum.test.jsonl"),
    ],
)
def test_a_file_of_a_split_is_found_by_its_name(tmp_path: Path, split: str, name: str) -> None:
    touch(tmp_path, name, "README.md", "other.csv", ".train.csv.swp", "~$train.xlsx")
    found = find_split(tmp_path, split)
    assert found is not None
    assert (found.name, found.label, found.files) == (split, name, [tmp_path / name])


def test_shards_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ("train/part-10.parquet", "train/part-9.parquet", "train/_SUCCESS", "train/.x.parquet")
    found = find_split(touch(tmp_path, *names), "train")
    assert found is not None
    assert found.label == "train/"
    assert [path.name for path in found.files] == ["part-9.parquet", "part-10.parquet"]


def test_numbered_files_beside_each_other_are_shards(tmp_path: Path) -> None:
    names = [f"validation-0000{i}-of-00002.parquet" for i in (1, 0)]
    found = find_split(touch(tmp_path, *names), "dev")
    assert found is not None
    assert found.label == "validation-*.parquet"
    assert [path.name for path in found.files] == sorted(names)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["dev.csv", "val.csv"], r"dev\.csv and .*val\.csv are all dev; leave one of them"),
        (["dev.csv", "dev.json"], r"dev\.csv and .*dev\.json are all dev"),
        (["dev.csv", "valid/a.csv"], r"dev\.csv and .*valid are all dev"),
        (["dev/a.csv", "dev/b.parquet"], r"dev has \.csv and \.parquet files; leave those of one"),
    ],
)
def test_two_that_could_be_a_split_are_one_sentence(
    tmp_path: Path, names: list[str], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        find_split(touch(tmp_path, *names), "dev")


def test_what_is_there_in_no_known_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is train\.csv\.gz, train\.xls, which is none of"):
        find_splits(touch(tmp_path, "train.csv.gz", "train.xls", "trains.csv"), fold=0)
    with pytest.raises(UserError, match=r"none/train\.csv is missing; put it there, as \.csv"):
        find_splits(tmp_path / "none", fold=0)


def test_dev_may_be_missing_where_a_fold_takes_its_place(tmp_path: Path) -> None:
    touch(tmp_path, "train.csv")
    assert [split.name for split in find_splits(tmp_path, fold=1)] == ["train"]
    with pytest.raises(UserError, match=r"dev\.csv is missing"):
        find_splits(tmp_path, fold=0)
