import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.command.files import (
    as_text,
    as_written,
    existing,
    read_csv,
    read_json,
    read_table,
    whole_file,
    whole_folder,
    write_csv,
    write_json,
    write_table,
)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def write_half(path: Path) -> None:
    path.write_text("half")
    raise ZeroDivisionError


def test_a_file_is_replaced_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new/a.txt"
    for content in ["one", "two"]:
        with whole_file(path) as draft:
            draft.write_text(content)
            assert draft != path
        assert path.read_text() == content
    assert names(tmp_path) == ["new/a.txt"]


def test_a_file_stays_as_it_was_when_the_block_raises(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as draft:
        write_half(draft)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced_whole_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new/tokens"
    for name in ["one", "two"]:
        with whole_folder(path) as draft:
            (draft / name).touch()
            assert list(draft.iterdir()) == [draft / name]
        assert names(tmp_path) == [f"new/tokens/{name}"]


def test_a_folder_stays_as_it_was_when_the_block_raises(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(ZeroDivisionError), whole_folder(path) as draft:
        write_half(draft / "new")
    assert names(tmp_path) == ["tokens/old"]


def test_what_a_killed_run_left_is_in_no_later_folder(tmp_path: Path) -> None:
    (tmp_path / ".tokens.tmp").mkdir()
    (tmp_path / ".tokens.tmp/half").touch()
    with whole_folder(tmp_path / "tokens") as draft:
        (draft / "new").touch()
    assert names(tmp_path) == ["tokens/new"]


def test_json_keeps_the_order_of_keys_and_the_letters(tmp_path: Path) -> None:
    path = tmp_path / "metrics/a.json"
    write_json(path, {"나": 1.5, "가": [1]})
    assert path.read_text(encoding="utf-8") == '{\n  "나": 1.5,\n  "가": [\n    1\n  ]\n}\n'
    assert read_json(path, made_by="dvc repro") == {"나": 1.5, "가": [1]}


def test_json_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, 1)
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == 1
    assert names(tmp_path) == ["a.json"]


def test_csv_is_quoted_where_it_must_be(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, ["id", "text"], [["1", '한 줄\n"둘", 셋'], [2, 0.5]])
    assert path.read_bytes().decode() == 'id,text\n1,"한 줄\n""둘"", 셋"\n2,0.5\n'


@given(st.text("=+-@\t\r\n＝'가1", max_size=5))
def test_no_text_begins_as_a_formula_and_every_one_comes_back(text: str) -> None:
    written = as_text(text)
    assert isinstance(written, str)
    assert not written.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert as_written(written) == text
    assert written in (text, f"'{text}")


def test_a_table_for_people_has_no_formula_and_data_stay_as_they_are(tmp_path: Path) -> None:
    path, rows = tmp_path / "a.csv", [["=1+1", -0.5], ["'99년", -2]]
    write_table(path, ["topic", "score"], rows)
    assert path.read_text(encoding="utf-8") == "topic,score\n'=1+1,-0.5\n'99년,-2\n"
    read = [*read_table(path, made_by="dvc repro x")]
    assert [row["topic"] for row in read] == ["=1+1", "'99년"]
    write_csv(path, ["topic", "score"], rows)
    assert [row["topic"] for row in read_csv(path, made_by="dvc repro x")] == ["=1+1", "'99년"]


def test_a_cell_with_a_lone_carriage_return_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "dev.csv"
    write_csv(path, ["id", "prediction"], [["a", "하나\r둘"], ["b", "셋"]])
    assert path.read_bytes() == 'id,prediction\na,"하나\r둘"\nb,셋\n'.encode()
    assert [row["prediction"] for row in read_csv(path, made_by="x")] == ["하나\r둘", "셋"]


def test_a_table_that_is_cut_off_in_its_last_cell_is_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "loss.csv"
    write_csv(path, ["step", "lr"], [[1, 0.001], [2, "둘\n반"]])
    assert list(read_table(path, made_by="dvc repro train"))[1] == {"step": "2", "lr": "둘\n반"}
    path.write_text("step,lr\n1,0.001\n2,0.00", encoding="utf-8")
    with pytest.raises(UserError, match=r"cannot be read \(its last line is cut off\); it gets"):
        list(read_table(path, made_by="dvc repro train"))


def test_what_is_missing_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(UserError, match=r"a\.json is missing\. It gets written by: dvc repro x"):
        read_json(path, made_by="dvc repro x")
    path.write_text("{}")
    assert existing(path, made_by="dvc repro x") == path
