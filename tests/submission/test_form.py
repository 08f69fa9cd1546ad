from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.files import write_csv
from stages.submission.faults import SHOWN, Fault, count_kinds, describe
from stages.submission.form import Entry, id_faults, read_submission

GOOD = ',fname,summary\n0,test_0,"네, 갑니다."\n1,test_1,"그는 ""네."" 한다."\n'


def faults_of(tmp_path: Path, content: str | bytes) -> list[tuple[str, int]]:
    path = tmp_path / "submission.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(fault.kind, fault.row) for fault in read_submission(path).faults]


@pytest.mark.parametrize(
    "content", [GOOD, GOOD.replace("\n", "\r\n"), "fname,summary\ntest_0,네.\n"]
)
def test_a_file_in_the_form_of_the_sample_has_no_fault(tmp_path: Path, content: str) -> None:
    assert faults_of(tmp_path, content) == []


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (",fname,summary\n0,test_0,네, 갑니다.\n1,test_1\n", [("ragged", 1), ("ragged", 2)]),
        (',fname,summary\n0,test_0,"네.\n갑니다."\n', [("newline", 1)]),
        (",fname,summary\n0,test_0,네.\u2028갑니다.\n", [("newline", 1)]),
        (",fname,summary\n0,test_0,네.\n갑니다.\n", [("ragged", 2)]),
        (",fname,summary\n1,test_0,네.\n2,test_1,네.\n", [("index", 1), ("index", 2)]),
        ("\ufeff" + GOOD, [("bom", 0)]),
        (GOOD.encode("cp949"), [("encoding", 0)]),
        (GOOD.encode() + b"2,test_2,\xff\xfe\xfd\n", [("encoding", 0)]),
        ("fname,dialogue,summary\ntest_0,네.,네.\n", [("header", 0)]),
        ("id,text\ntest_0,네.\n", [("header", 0)]),
        ("", [("header", 0)]),
        (',fname,summary\n0,test_0,"네.\n1,test_1,네.\n', [("quoting", 1), ("newline", 1)]),
        (',fname,summary\n0,test_0,"네"요.\n', [("quoting", 1)]),
    ],
)
def test_a_fault_of_the_form_is_found_in_its_row(
    tmp_path: Path, content: str | bytes, faults: list[tuple[str, int]]
) -> None:
    assert faults_of(tmp_path, content) == faults


def test_utf_16_is_told_from_text(tmp_path: Path) -> None:
    assert faults_of(tmp_path, GOOD.encode("utf-16"))[0] == ("encoding", 0)


def test_a_ragged_row_still_gives_its_summary(tmp_path: Path) -> None:
    path = tmp_path / "submission.csv"
    path.write_text(",fname,summary\n0,test_0,네, 갑니다.\n", encoding="utf-8")
    assert read_submission(path).entries == [Entry(1, "0", "test_0", "네, 갑니다.")]


def entries(*ids: str) -> list[Entry]:
    return [Entry(row, str(row - 1), fname, "네.") for row, fname in enumerate(ids, start=1)]


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        (["a", "b", "c"], []),
        (["a", "c", "b"], [("order", 2), ("order", 3)]),
        (["a", "b"], [("missing_id", 0)]),
        (["a", "b", "c", "d"], [("unknown_id", 4)]),
        (["a", "b", "b", "c"], [("repeated_id", 3)]),
        (["a", "b", "c", "AVERAGE"], [("average", 4)]),
        (["a", " b", "c"], [("unknown_id", 2), ("missing_id", 0)]),
    ],
)
def test_ids_are_compared_with_those_of_test(
    given: list[str], faults: list[tuple[str, int]]
) -> None:
    found = id_faults(entries(*given), ["a", "b", "c"])
    assert [(fault.kind, fault.row) for fault in found] == faults


def test_without_the_ids_of_test_only_repeated_ones_are_found() -> None:
    assert [fault.kind for fault in id_faults(entries("x", "x", "average"), None)] == [
        "repeated_id",
        "average",
    ]


def test_of_many_faults_of_a_kind_some_are_listed_and_the_rest_counted() -> None:
    faults = [Fault("blanks", row, "", "") for row in range(1, 100)] + [Fault("empty", 7, "", "")]
    lines = describe(faults)
    assert lines[0].startswith("refused empty: row 7")
    assert len(lines) == 1 + SHOWN + 1
    assert lines[-1].strip() == f"blanks: and {99 - SHOWN} more"
    assert count_kinds(faults, refused=True) == "empty (1)"
    assert count_kinds(faults, refused=False) == "blanks (99)"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])), max_size=5))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("submission") / "submission.csv"
    rows = [[str(i), f"test_{i}", text] for i, text in enumerate(texts)]
    write_csv(path, ["", "fname", "summary"], rows)
    submission = read_submission(path)
    assert [entry.summary for entry in submission.entries] == texts
    assert submission.faults == []
