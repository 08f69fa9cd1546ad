import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.dialogue.csv_reader import read_rows
from stages.dialogue.records import Record

HEADER = "fname,dialogue,summary,topic\n"
ROW = 'train_0,"#Person1#: 안녕.\n#Person2#: 응.",인사한다.,인사\n'
RECORD = Record("train_0", "#Person1#: 안녕.\n#Person2#: 응.", ("인사한다.",), "인사")


def read(path: Path, content: str | bytes, *, needs_summary: bool = True) -> list[Record]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [row.record for row in read_rows(path, needs_summary=needs_summary)]


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
    places = [row.place for row in read_rows(path, needs_summary=True)]
    assert places == [f"{path}, row 1 (line 2)", f"{path}, row 2 (line 5)"]


def test_progress_ends_at_the_size_of_the_file(path: Path) -> None:
    path.write_text(HEADER + ROW, encoding="utf-8")
    (row,) = read_rows(path, needs_summary=True)
    assert row.bytes_read == path.stat().st_size


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(dialogue=CELLS, topic=CELLS)
def test_whatever_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, dialogue: str, topic: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([("fname", "dialogue", "topic"), ("a", dialogue, topic)])
    (row,) = read_rows(path, needs_summary=False)
    assert row.record == Record("a", dialogue, (), topic)


LONG_QUOTE = HEADER + 'a,"' + "가\n" * 70_000

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
        HEADER + "b,#Person1#: 네.\n#Person2#: 네.,c,d\n",
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
        ("row 1 (line 2)", "a cell has more than 131,072 characters, or never ends"),
    ),
    (
        "line ends of old Macs",
        (HEADER + "a,b,c,d\n").replace("\n", "\r"),
        ("header (line 1)", "carriage return"),
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


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.csv cannot be read: No such file"):
        list(read_rows(tmp_path / "none.csv", needs_summary=True))
