import unicodedata
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from stages import score
from stages.command.errors import UserError
from stages.command.files import write_csv
from stages.dialogue.records import Record, RecordWriter

ROOT = Path(__file__).resolve().parents[1]
ROWS = [("dev_7", "내일 아홉 시에 만나기로 한다."), ("dev_3", "약을 받는다.")]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (tmp_path / "data/clean").mkdir(parents=True)
    with RecordWriter(tmp_path / "data/clean/dev.parquet") as writer:
        for name, summary in ROWS:
            writer.write(Record(name, "#Person1#: 네.\n#Person2#: 아니요.", (summary,), ""))
    with RecordWriter(tmp_path / "data/clean/test.parquet") as writer:
        writer.write(Record("test_0", "#Person1#: 네.", (), ""))
    with chdir(tmp_path):
        yield tmp_path


def scored(monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str]], *options: str) -> None:
    write_csv(Path("given.csv"), ["fname", "summary"], rows)
    monkeypatch.setattr("sys.argv", ["score", "given.csv", *options])
    score.main()


@pytest.mark.usefixtures("project")
def test_the_references_themselves_score_100_above_the_floors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(monkeypatch, ROWS)
    said = capsys.readouterr().out
    assert "given.csv" in said
    assert "100.00" in said
    assert "first_two_turns" in said
    assert "rouge|n:2|refs:1" in said


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (ROWS[:1], "missing_id: file (dev_3): there is no row for it"),
        ([*ROWS, ROWS[0]], "repeated_id: row 3 (dev_7): the id of row 1 already"),
        ([*ROWS, ("dev_9", "네.")], "unknown_id: row 3 (dev_9)"),
        ([ROWS[0], ("dev_3", "NaN")], "row 2 (dev_3), column summary: 'NaN' is no summary"),
        ([ROWS[0], ("dev_3", " ")], "row 2 (dev_3), column summary: ' ' is no summary"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_fault_of_the_file_is_told_with_its_row(
    monkeypatch: pytest.MonkeyPatch,
    rows: list[tuple[str, str]],
    sentence: str,
) -> None:
    with pytest.raises(UserError) as error:
        scored(monkeypatch, rows)
    assert sentence in str(error.value)


def given(monkeypatch: pytest.MonkeyPatch, content: str, *options: str) -> None:
    Path("given.csv").write_text(content, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["score", "given.csv", *options])
    score.main()


BOTH = "fname,summary,pred\n" + "".join(f"{name},다른 말이다.,{text}\n" for name, text in ROWS)


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("fname,prediction\n" + "".join(f"{name},{text}\n" for name, text in ROWS), []),
        ("id\tsummary\n" + "".join(f"{name}\t{text}\n" for name, text in ROWS), []),
        ("".join(f'{{"fname": "{name}", "pred": "{text}"}}\n' for name, text in ROWS), []),
        (BOTH, ["--column", "pred"]),
        (BOTH.replace("pred", "모델"), ["--column", "모델"]),
    ],
)
@pytest.mark.usefixtures("project")
def test_other_names_and_separators_leave_no_doubt(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str,
    options: list[str],
) -> None:
    given(monkeypatch, content, *options)
    assert "100.00" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        (BOTH, [], r"each of summary, pred could be the model's; say which: --column NAME"),
        (BOTH.replace("pred", "summary"), [], "column summary comes twice; take one of them out"),
        (BOTH, ["--column", "없음"], "has no column 없음"),
        (
            BOTH.replace("다른 말이다.", "['다른 말이다.']"),
            ["--column", "summary"],
            "a list of Python's",
        ),
        (BOTH.replace("다른 말이다.", "[]"), ["--column", "summary"], r"'\[\]' is no summary"),
        (BOTH.replace("다른 말이다.", "요약문입니다."), ["--column", "summary"], "is no summary"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_is_in_doubt_is_asked(
    monkeypatch: pytest.MonkeyPatch, content: str, options: list[str], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        given(monkeypatch, content, *options)


@pytest.mark.usefixtures("project")
def test_what_costs_a_score_unseen_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(monkeypatch, [(ROWS[0][0], "\ufeff가&amp;나\u00a0다</s>_x000D_"), (ROWS[1][0], ".")])
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note: ")]
    assert [note.split(":")[1].split(",")[0] for note in notes] == [
        " 1 summaries have characters that nobody sees and a score counts",
        " 1 summaries have _x000D_ or HTML entities",
        " 1 summaries have special tokens such as </s>",
        " 1 summaries have blanks such as U+00A0",
    ]


@pytest.mark.usefixtures("project")
def test_a_table_from_a_notebook_is_matched_by_its_ids(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f'{i},주제,{name},"{text}\n"' for i, (name, text) in enumerate(ROWS[::-1], start=5)]
    content = "\n".join(["\ufeffUnnamed: 0,topic,fname,summary", *lines])
    Path("given.csv").write_text(content, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["score", "given.csv"])
    score.main()
    assert "100.00" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_syllables_in_parts_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(monkeypatch, [(name, unicodedata.normalize("NFD", text)) for name, text in ROWS])
    assert "note: 2 summaries have syllables in parts" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_a_split_without_references_cannot_be_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="has no reference summaries"):
        scored(monkeypatch, [("test_0", "네.")], "--split", "test")
