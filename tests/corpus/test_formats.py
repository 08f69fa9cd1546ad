"""The same rows in every format are the same records, and the same demands hold for them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.command.faults import Faults
from stages.corpus.columns import Layout, layout
from stages.corpus.rows import Row, read_rows
from stages.dialogue.records import Record
from stages.params import Data, load_params

DATA = load_params(Path(__file__).resolve().parents[2] / "params.yaml").data
ROWS: list[dict[str, Any]] = [
    {"fname": "t_0", "dialogue": "#Person1#: 비 와?\n#Person2#: 응.", "summary": "비가 온다."},
    {"fname": "t_1", "dialogue": "#Person1#: 책 있어?", "summary": "책을 찾는다."},
]
RECORDS = [Record(row["fname"], row["dialogue"], (row["summary"],), "") for row in ROWS]


def settled(**values: Any) -> Layout:
    return layout(Data.model_validate(DATA.model_dump() | values))


def read(path: Path, given: Layout | None = None) -> list[Row]:
    faults = Faults()
    rows = list(read_rows(path, given or layout(DATA), faults, needs_summary=True))
    faults.check(str(path))
    return rows


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


def write_xlsx(path: Path, rows: list[dict[str, Any]], *, above: int = 0) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for _ in range(above):
        sheet.append([])
    names = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append([*names, None])
    for row in rows:
        sheet.append([row.get(name) for name in names])
    book.create_sheet("빈 시트")
    book.save(path)


WRITERS: dict[str, Callable[[Path, list[dict[str, Any]]], None]] = {
    "train.jsonl": write_jsonl,
    "lines.json": write_jsonl,
    "list.json": write_json,
    "list.jsonl": write_json,
    "data.json": lambda path, rows: write_json(path, {"version": 1, "data": rows}),
    "pandas.json": lambda path, rows: write_json(
        path, {name: {str(i): row[name] for i, row in enumerate(rows)} for name in rows[0]}
    ),
    "columns.json": lambda path, rows: write_json(
        path, {name: [row[name] for row in rows] for name in rows[0]}
    ),
    "train.parquet": write_parquet,
    "train.xlsx": write_xlsx,
}
PLACES = {
    "train.jsonl": ", row 2 (line 2)",
    "list.json": ", row 2",
    "train.parquet": ", row 2",
    "train.xlsx": ", row 3",  # as Excel counts, the header being 1
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_format_gives_the_records(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name, ROWS)
    assert [row.record for row in read(tmp_path / name)] == RECORDS


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"fname": " "}, "column fname: the id is empty"),
        ({"fname": None}, "column fname: the id is empty"),
        ({"fname": "t_0"}, "column fname: t_0 is the id of row 1 already"),
        ({"summary": "['가' '나']"}, "column summary: there is a list that cannot be read"),
    ],
)
def test_the_same_demands_hold_in_every_format(
    tmp_path: Path, name: str, changed: dict[str, Any], fault: str
) -> None:
    WRITERS[name](tmp_path / name, [ROWS[0], ROWS[1] | changed])
    with pytest.raises(UserError) as caught:
        read(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}{PLACES[name]}, {fault}")


@pytest.mark.parametrize("name", ["train.jsonl", "list.json", "train.parquet"])
def test_a_list_is_several_references_and_a_list_of_turns_a_dialogue(
    tmp_path: Path, name: str
) -> None:
    turns = [{"speaker": "가람", "utterance": "비 와?"}, {"speaker": "나래", "utterance": "응."}]
    rows = [{"fname": 7, "dialogue": turns, "summary": ["나래가 답한다.", "비가 온다."]}]
    WRITERS[name](tmp_path / name, rows)
    (row,) = read(tmp_path / name)
    assert row.record == Record(
        "7", "#Person1#: 비 와?\n#Person2#: 응.", ("#Person2#가 답한다.", "비가 온다."), ""
    )


def test_numbers_of_tables_are_ids_and_empty_cells_are_no_summaries(tmp_path: Path) -> None:
    rows = [{"fname": 13810001.0, "dialogue": "#Person1#: 네.", "summary": float("nan")}]
    for name in ("train.parquet", "train.jsonl"):
        WRITERS[name](tmp_path / name, rows)
        assert read(tmp_path / name)[0].record == Record("13810001", "#Person1#: 네.", (), "")


AIHUB = {
    "numberOfItems": 1,
    "data": [
        {
            "header": {"dialogueInfo": {"dialogueID": "d-7", "topic": "날씨"}},
            "body": {
                "dialogue": [
                    {"utteranceID": "U1", "participantID": "P02", "utterance": "우산 있어?"},
                    {
                        "utteranceID": "U2",
                        "participantID": "P01",
                        "utterance": "응\n하나. #@이모티콘#",
                    },
                ],
                "summary": "우산이 하나 있다.",
            },
        }
    ],
}
AIHUB_RECORD = Record(
    "d-7",
    "#Person1#: 우산 있어?\n#Person2#: 응 하나. #@이모티콘#",
    ("우산이 하나 있다.",),
    "날씨",
)


@pytest.mark.parametrize("content", [AIHUB, AIHUB["data"], AIHUB["data"][0]])  # type: ignore[index]
def test_dialogues_of_aihub_are_read_by_their_preset(tmp_path: Path, content: Any) -> None:
    write_json(tmp_path / "train.json", content)
    (row,) = read(tmp_path / "train.json", settled(preset="aihub"))
    assert row.record == AIHUB_RECORD
    assert row.names == {"#Person1#": "P02", "#Person2#": "P01"}


def test_columns_of_other_names_within_others_are_named(tmp_path: Path) -> None:
    conversation = [{"speaker": "SD01", "utterance": "눈 와."}]
    rows = [
        {
            "id": "n-1",
            "input": {"conversation": conversation, "subject_keyword": ["눈", "겨울"]},
            "output": "SD01이 눈이 온다고 한다.",
        }
    ]
    columns = {
        "id": "id",
        "dialogue": "input.conversation",
        "summary": "output",
        "topic": "input.subject_keyword",
    }
    write_json(tmp_path / "train.json", rows)
    (row,) = read(tmp_path / "train.json", settled(columns=columns))
    assert row.record == Record(
        "n-1", "#Person1#: 눈 와.", ("#Person1#이 눈이 온다고 한다.",), "눈"
    )


def test_presets_know_the_columns_of_others(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    rows = [{"id": 1, "dialogue": "Mia: Hi\r\nLeo: Hey", "summary": "Leo greets Mia."}]
    write_jsonl(path, rows)
    (row,) = read(path, settled(preset="samsum"))
    assert row.record == Record(
        "1", "#Person1#: Hi\n#Person2#: Hey", ("#Person2# greets #Person1#.",), ""
    )
    rows = [
        {
            "id": "t_1",
            "dialogue": "#Person1#: Hi",
            "summary1": "A.b",
            "summary2": "C",
            "topic1": "x",
        }
    ]
    write_jsonl(path, rows)
    (row,) = read(path, settled(preset="dialogsum"))
    assert row.record == Record("t_1", "#Person1#: Hi", ("A.b", "C"), "x")


def test_one_name_may_be_given_beside_a_preset(tmp_path: Path) -> None:
    rows = [{"번호": "1", "dialogue": "#Person1#: 네.", "요약1": "가", "요약2": "나"}]
    write_jsonl(tmp_path / "train.jsonl", rows)
    columns = {"id": "번호", "dialogue": None, "summary": "요약", "topic": None}
    (row,) = read(tmp_path / "train.jsonl", settled(columns=columns))
    assert row.record == Record("1", "#Person1#: 네.", ("가", "나"), "")


FAULTS: list[tuple[str, str | bytes, str]] = [
    ("train.parquet", "fname,dialogue\n", "is a text, not Parquet; name it .csv"),
    ("train.parquet", b"PAR1 cut", "is damaged Parquet"),
    ("train.xlsx", "fname,dialogue\n", "is a text, not an Excel workbook; name it .csv"),
    ("train.xlsx", b"PK\x03\x04 cut", "is a ZIP file, or damaged, and no Excel workbook"),
    ("train.json", b"PAR1", "is Parquet, not JSON"),
    ("train.json", "fname,dialogue\n", "line 1: no JSON at column 1"),
    ("train.json", '[{"fname": 1},\n {"fname"]', "line 2: no JSON at column 10"),
    ("train.jsonl", '{"fname": 1}\n{"fname": \n', "row 2 (line 2): no JSON at column"),
    ("train.jsonl", '{"fname": 1}\n[1]\n', "row 2 (line 2): there is a list where an object"),
    ("train.jsonl", b'{"fname": 1}\n' + '{"a": "안"}'.encode("cp949"), "CP949"),
    ("train.json", '[{"a": "안"}]'.encode("cp949"), "CP949"),
    ("train.json", "", "is empty"),
    ("train.json", "[]", "is empty"),
    ("train.json", '[{"id": "a"}]', "lacks the columns fname, dialogue, summary"),
    ("train.json", '[{"id": "a"}]', "give their names as data.columns in params.yaml"),
    (
        "train.json",
        '[{"id": "a", "dialogue": "b", "summary": "c"}]',
        "or give data.preset: dialogsum or samsum in params.yaml",
    ),
    ("train.json", json.dumps(AIHUB), "or give data.preset: aihub in params.yaml"),
    (
        "train.json",
        '[{"fname": "a", "dialogue": "#Person1#: \\ud83d", "summary": "가"}]',
        "row 1, column dialogue: there is half a character",
    ),
    (
        "train.json",
        '[{"fname": true, "dialogue": "#Person1#: 네.", "summary": "가"}]',
        "row 1, column fname: there is True where a text was expected",
    ),
]


@pytest.mark.parametrize(("name", "content", "fault"), FAULTS)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: str | bytes, fault: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UserError) as caught:
        read(path)
    assert fault in str(caught.value)


def test_faults_of_a_workbook_have_the_rows_that_excel_shows(tmp_path: Path) -> None:
    path = tmp_path / "train.xlsx"
    write_xlsx(path, [ROWS[0], {"fname": ""}, ROWS[1] | {"fname": ""}], above=2)
    with pytest.raises(UserError, match=r"train\.xlsx, row 6, column fname"):
        read(path)
    book = openpyxl.load_workbook(path)
    book["빈 시트"]["B2"] = "메모"
    book.save(path)
    with pytest.raises(UserError, match="has cells in 2 sheets, Sheet, 빈 시트; leave one"):
        read(path)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        ),
        unique_by=lambda row: row[0],
        min_size=1,
        max_size=5,
    )
)
def test_texts_come_as_they_are_from_json_and_parquet(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[tuple[str, str]]
) -> None:
    kept = [(i, f"#Person1#: {text}") for i, text in given_rows if i.strip()]
    rows = [{"fname": i, "dialogue": text, "summary": "네."} for i, text in kept]
    folder = tmp_path_factory.mktemp("formats")
    for name in ("train.jsonl", "train.parquet") if rows else ():
        WRITERS[name](folder / name, rows)
        found = [(row.record.id, row.record.dialogue) for row in read(folder / name)]
        assert found == kept
