import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.command.faults import SHOWN, Faults
from stages.corpus.columns import layout
from stages.corpus.rows import Row, read_rows
from stages.dialogue.records import Record
from stages.dialogue.repair.rules import Step
from stages.params import load_params

LAYOUT = layout(load_params(Path(__file__).resolve().parents[2] / "params.yaml").data)

HEADER = "fname,dialogue,summary,topic\n"
ROW = 'train_0,"#Person1#: 안녕.\n#Person2#: 응.",인사한다.,인사\n'
RECORD = Record("train_0", "#Person1#: 안녕.\n#Person2#: 응.", ("인사한다.",), "인사")


def read(path: Path, content: str | bytes, *, needs_summary: bool = True) -> list[Record]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [row.record for row in rows_of(path, needs_summary=needs_summary)]


def rows_of(path: Path, *, needs_summary: bool = True) -> list[Row]:
    faults = Faults()
    rows = list(read_rows(path, LAYOUT, faults, needs_summary=needs_summary))
    faults.check(str(path))
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "train.csv"


def test_a_row_becomes_a_record(path: Path) -> None:
    assert read(path, HEADER + ROW) == [RECORD]


def test_a_byte_order_mark_is_no_part_of_the_first_column(path: Path) -> None:
    assert read(path, "\ufeff" + HEADER + ROW) == [RECORD]


def test_line_ends_of_windows_end_rows_and_stay_within_cells(path: Path) -> None:
    (record,) = read(path, (HEADER + ROW).replace("\n", "\r\n"))
    assert record == Record(RECORD.id, "#Person1#: 안녕.\r\n#Person2#: 응.", ("인사한다.",), "인사")


def test_columns_come_in_any_order_and_others_are_kept_out(path: Path) -> None:
    rows = read(path, ",topic,summary,note,dialogue,fname\n0,인사,인사한다.,x,#Person1#: 안녕.,a\n")
    assert rows == [Record("a", "#Person1#: 안녕.", ("인사한다.",), "인사")]


def test_several_summaries_come_in_the_order_of_their_numbers(path: Path) -> None:
    header = ",".join(f"summary{n}" for n in range(10, 0, -1))
    cells = ",".join(str(n) for n in range(10, 0, -1))
    (record,) = read(path, f"fname,dialogue,{header}\na,#Person1#: 안녕.,{cells}\n")
    assert record.summaries == tuple(str(n) for n in range(1, 11))


def test_an_empty_summary_is_none_and_the_first_topic_is_the_topic(path: Path) -> None:
    rows = read(
        path, "fname,dialogue,summary1,topic1,summary2,topic2\na,#Person1#: 네., ,가,나,다\n"
    )
    assert rows == [Record("a", "#Person1#: 네.", ("나",), "가")]


def test_a_summary_is_not_changed(path: Path) -> None:
    (record,) = read(path, 'fname,dialogue,summary\na,b," #Person1# 은 간다.\r\n"\n')
    assert record.summaries == (" #Person1# 은 간다.\r\n",)


def test_test_files_do_without_summary_and_topic(path: Path) -> None:
    rows = read(path, "fname,dialogue\na,#Person1#: 네.\n", needs_summary=False)
    assert rows == [Record("a", "#Person1#: 네.", (), "")]


def test_empty_lines_are_no_rows_and_the_last_line_end_may_lack(path: Path) -> None:
    assert read(path, f"\n{HEADER}\n{ROW}\n\nb,c,d,e") == [RECORD, Record("b", "c", ("d",), "e")]


def test_a_place_names_the_row_and_the_line_where_it_begins(path: Path) -> None:
    path.write_text(HEADER + ROW + "\n" + ROW.replace("train_0", "b"), encoding="utf-8")
    places = [row.place for row in rows_of(path)]
    assert places == [f"{path}, row 1 (line 2)", f"{path}, row 2 (line 5)"]


def test_progress_ends_at_the_size_of_the_file(path: Path) -> None:
    path.write_text(HEADER + ROW, encoding="utf-8")
    (row,) = rows_of(path)
    assert row.done == path.stat().st_size


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(dialogue=CELLS, topic=CELLS)
def test_whatever_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, dialogue: str, topic: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([("fname", "dialogue", "topic"), ("a", dialogue, topic)])
    (row,) = rows_of(path, needs_summary=False)
    assert row.record == Record("a", dialogue, (), topic)


LONG_QUOTE = HEADER + 'a,"' + "가" * 10_000_001

FAULTS: list[tuple[str, str | bytes, tuple[str, ...]]] = [
    ("empty file", "", (" is empty", "fname,dialogue")),
    ("empty file with a byte order mark", "\ufeff", (" is empty",)),
    ("only line ends", "\n\n", (" is empty",)),
    ("header only", HEADER, ("a header and no row",)),
    ("missing column", "fname,summary\na,b\n", ("lacks the column dialogue", "'fname', 'summary'")),
    ("missing summary", "fname,dialogue\na,b\n", ("lacks the column summary;",)),
    (
        "other names",
        "ID,text,Summary\na,b,c\n",
        ("lacks the columns fname, dialogue, summary", "'ID', 'text', 'Summary'", "rename"),
    ),
    ("no header", ROW, ("lacks the columns fname, dialogue, summary", "'train_0'")),
    ("tabs", HEADER.replace(",", "\t"), ("apart by tabs", "commas")),
    ("semicolons", HEADER.replace(",", ";"), ("apart by semicolons", "commas")),
    (
        "column twice",
        "fname,dialogue,dialogue,summary\na,b,c,d\n",
        ("column dialogue comes twice",),
    ),
    (
        "summary twice",
        "fname,dialogue,summary1,summary1\na,b,c,d\n",
        ("column summary1 comes twice",),
    ),
    ("duplicate id", HEADER + ROW + ROW, ("row 2 (line 4), column fname", "train_0", "of row 1")),
    ("empty id", HEADER + ROW + " ,b,c,d\n", ("row 2 (line 4), column fname", "id is empty")),
    (
        "Korean Windows encoding",
        (HEADER + ROW).encode("cp949"),
        ("row 1 (line 2)", "in line 2 is not UTF-8", "CP949", "CSV UTF-8", "iconv"),
    ),
    (
        "Korean Windows encoding further down",
        (HEADER + ROW).encode() + 'b,"#Person1#: a\n안녕",c,d\n'.encode("cp949"),
        ("row 2 (line 4)", "0xbe in line 5", "CP949"),
    ),
    ("cut UTF-8", HEADER.encode() + b"a,\xec\x95,c,d\n", ("byte 0xec in line 2", "CSV UTF-8")),
    ("UTF-16", (HEADER + ROW).encode("utf-16"), ("is UTF-16", "CSV UTF-8")),
    ("workbook", b"PK\x03\x04\x14\x00\x06\x00", ("Excel workbook", "CSV UTF-8")),
    ("old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1", ("old Excel workbook", "CSV UTF-8")),
    ("NUL", HEADER + ROW + "b,x\0y,c,d\n", ("row 2 (line 4), column dialogue", "NUL")),
    (
        "comma without quotes",
        HEADER + ROW + "b,#Person1#: 네, 그래요.,c,d\n",
        ("row 2 (line 4) has 5 fields where the header has 4", "quotes"),
    ),
    (
        "line end without quotes",
        HEADER + "b,#Person1#: 네.\nx,#Person2#: 네.,c,d\n",
        ("row 1 (line 2) lacks 2 of the header's 4 fields", "quotes"),
    ),
    (
        "unclosed quote at the end",
        HEADER + 'a,"b,c,d\n',
        ("row 1 (line 2)", "ends within a quoted"),
    ),
    (
        "unclosed quote before other rows",
        HEADER + 'a,"b,c,d\n' + ROW,
        ("row 1 (line 2)", "text follows the closing quote"),
    ),
    (
        "endless cell",
        LONG_QUOTE,
        ("row 1 (line 2)", "a cell has more than 10,000,000 characters, or never ends"),
    ),
    (
        "a carriage return in the middle",
        HEADER + "a,b,c,d\re,f,g,h\n",
        ("row 1 (line 2)", "carriage return"),
    ),
    ("header once more", HEADER + ROW + HEADER, ("row 2 (line 4) is the header once more",)),
    ("gzip", b"\x1f\x8b\x08\x00", ("compressed by gzip", "unpack")),
    ("Parquet", b"PAR1\x15\x04", ("is Parquet, not CSV", "name it .parquet")),
    ("JSON lines", '{"fname": "a"}\n', ("is JSON, not CSV", "name it .json")),
    ("JSON", ' [\n {"fname": "a"}]', ("is JSON, not CSV",)),
    ("a page", "<!DOCTYPE html>\n<html>", ("HTML or XML page", "download")),
    (
        "a pointer of Git LFS",
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
        ("Git LFS pointer", "git lfs pull"),
    ),
    ("a pointer of DVC", "outs:\n- md5: 00\n  path: train.csv\n", ("dvc pull",)),
    (
        "list without commas, as numpy writes it",
        HEADER + "a,#Person1#: 네.,\"['가' '나']\",x\n",
        ("row 1 (line 2), column summary", "a list that cannot be read", "summary1"),
    ),
    (
        "turns without words",
        HEADER + 'a,"[{""speaker"": ""A"", ""time"": 3}]",가,x\n',
        ("row 1 (line 2), column dialogue", "'speaker', 'time'", "utterance"),
    ),
]


@pytest.mark.parametrize(
    ("content", "parts"), [pytest.param(*fault[1:], id=fault[0]) for fault in FAULTS]
)
def test_a_fault_is_named_with_its_place(
    path: Path, content: str | bytes, parts: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as caught:
        read(path, content)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert [part for part in parts if part not in message] == []
    assert "\n" not in message


@pytest.mark.parametrize(
    "content",
    [
        "sep=,\n" + HEADER + ROW,
        '"sep=,",,\r\n' + HEADER + ROW,
        "sep=;\n" + (HEADER + ROW).replace(",", ";"),
        "\ufeffsep=;\n" + (HEADER + ROW).replace(",", ";"),
        HEADER.replace(",", " , ") + ROW,
        HEADER + ",,,\n" + ROW + " ,,,\n,,,\n",
    ],
)
def test_what_spreadsheets_add_is_no_row(path: Path, content: str) -> None:
    assert read(path, content) == [RECORD]


def test_line_ends_of_old_macs_are_line_ends(path: Path) -> None:
    (record,) = read(path, (HEADER + ROW).replace("\n", "\r"))
    assert record == Record(RECORD.id, "#Person1#: 안녕.\r#Person2#: 응.", ("인사한다.",), "인사")


def test_a_line_behind_a_separator_line_has_the_number_of_an_editor(path: Path) -> None:
    path.write_text("sep=,\n" + HEADER + ROW, encoding="utf-8")
    assert [row.place for row in rows_of(path)] == [f"{path}, row 1 (line 3)"]


@pytest.mark.parametrize("separator", ["\t", ","])
def test_a_tsv_file_has_tabs_or_what_its_header_has(tmp_path: Path, separator: str) -> None:
    content = (HEADER + ROW).replace(",", separator)
    assert read(tmp_path / "train.tsv", content) == [RECORD]


def test_a_cell_may_be_very_long(path: Path) -> None:
    dialogue = "#Person1#: " + "가" * 200_000
    assert read(path, f"{HEADER}a,{dialogue},가,나\n") == [Record("a", dialogue, ("가",), "나")]


def test_summary_and_those_with_numbers_are_all_references(path: Path) -> None:
    (record,) = read(path, "fname,dialogue,summary2,summary\na,#Person1#: 네.,나,가\n")
    assert record.summaries == ("가", "나")


def test_a_list_in_a_cell_is_several_references(path: Path) -> None:
    (record,) = read(path, HEADER + """a,#Person1#: 네.,"['가, 나', ""다's""]",x\n""")
    assert record.summaries == ("가, 나", "다's")


def test_a_list_of_turns_in_a_cell_is_a_dialogue(path: Path) -> None:
    turns = [{"speaker": "P01", "utterance": "네.\n응."}, {"speaker": "P02", "text": "왜?"}]
    cell = json.dumps(turns, ensure_ascii=False).replace('"', '""')
    path.write_text(f'{HEADER}a,"{cell}",P02가 묻는다.,x\n', encoding="utf-8")
    (row,) = rows_of(path)
    assert row.record.dialogue == "#Person1#: 네. 응.\n#Person2#: 왜?"
    assert row.record.summaries == ("#Person2#가 묻는다.",)
    assert row.names == {"#Person1#": "P01", "#Person2#": "P02"}


def test_what_is_no_summary_is_left_out_and_of_several_in_the_ledger(path: Path) -> None:
    path.write_text("fname,dialogue,summary1,summary2\na,b,nan,나\nb,b,-,\n", encoding="utf-8")
    first, second = rows_of(path)
    assert first.record.summaries == ("나",)
    assert first.steps == [Step("reference.no_summary", "nan", "")]
    assert (second.record.summaries, second.steps) == ((), [])


def test_all_faults_of_a_file_are_told_at_once_and_the_rest_counted(path: Path) -> None:
    ragged = "".join(f"r{i},a,b\n" for i in range(30))
    path.write_text(HEADER + ROW + " ,b,c,d\n" + ROW + ragged, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        rows_of(path)
    head, *lines = str(caught.value).splitlines()
    assert head == f"{path} has 32 faults:"
    assert len(lines) == SHOWN + 1
    assert "row 2 (line 4), column fname: the id is empty" in lines[0]
    assert "row 3 (line 5), column fname: train_0 is the id of row 1 already" in lines[1]
    assert "row 4 (line 7) lacks 1 of the header's 4 fields" in lines[2]
    assert lines[-1] == "  and 12 more"


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.csv cannot be read: No such file"):
        rows_of(tmp_path / "none.csv")
