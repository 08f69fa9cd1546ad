import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stages import clean, convert, predict
from stages.command.errors import UserError
from stages.dialogue.records import read_records
from stages.paths import CLEAN, SUBMISSION

PC = """\
산악회 님과 카카오톡 대화
저장한 날짜 : 2026-10-05 21:40:11

--------------- 2026년 10월 3일 토요일 ---------------
[보라] [오전 7:58] 입구에서 봐요
[솔] [오전 8:01] 사진
[솔] [오후 11:59] 잘 들어갔어요?
--------------- 2026년 10월 4일 일요일 ---------------
[보라] [오전 12:03] 네, 방금요
[하늘] [오전 9:10] 저도요
"""
PLAIN = "민수: 먹자.\n지영: 응.\n---\n지영: 어디서?\n민수: 집."

Convert = Callable[..., str]


@pytest.fixture
def run_convert(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Convert:
    """Return the function that runs the command and returns the line it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["convert", *arguments])
        convert.main()
        return capsys.readouterr().out.strip()

    return run


def write(name: str, text: str, encoding: str = "utf-8") -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def rows(folder: str = "out") -> list[dict[str, str]]:
    with (Path(folder) / "test.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_chat_is_a_row_for_each_day(run_convert: Convert) -> None:
    write("산악회.txt", PC)
    said = run_convert("산악회.txt", "--out", "out")
    assert rows() == [
        {
            "fname": "산악회_2026-10-03",
            "dialogue": "#Person1#: 입구에서 봐요\n#Person2#: 잘 들어갔어요?",
            "summary": "",
            "topic": "",
        },
        {
            "fname": "산악회_2026-10-04",
            "dialogue": "#Person1#: 네, 방금요\n#Person2#: 저도요",
            "summary": "",
            "topic": "",
        },
    ]
    assert json.loads(Path("out/names.json").read_text(encoding="utf-8")) == {
        "산악회_2026-10-03": {"#Person1#": "보라", "#Person2#": "솔"},
        "산악회_2026-10-04": {"#Person1#": "보라", "#Person2#": "하늘"},
    }
    assert said == (
        "out/test.csv: 2 rows of 1 chats in 1 files, 2 days, 4 turns; left out: header lines (2), "
        "day rules (2), photos, files or other media (1)"
    )


def test_a_silence_parts_a_chat_and_midnight_does_not(run_convert: Convert) -> None:
    write("산악회.txt", PC)
    run_convert("산악회.txt", "--out", "out", "--gap", "60")
    assert [row["dialogue"].count("#: ") for row in rows()] == [1, 2, 1]
    assert [row["fname"] for row in rows()] == [
        "산악회_2026-10-03", "산악회_2026-10-03_2", "산악회_2026-10-04",
    ]  # fmt: skip


def test_a_folder_is_all_chats_in_it(run_convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    write("in/b/산악회.txt", PC, "cp949")
    write("in/a/산악회.txt", PC, "utf-16")
    write("in/WhatsApp Chat - 솔/_chat.txt", "[03.10.26, 07:58:40] 솔: 네")
    write("in/잡담/2026-10-03.json", '[{"type":"message","user":"U1","text":"네","ts":"1"}]')
    write("in/users.json", "[]")
    write("in/사진.jpg", "")
    write("in/.DS_Store", "")
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    run_convert("in", "--out", "out")
    assert [row["fname"] for row in rows()] == [
        "WhatsApp Chat - 솔_2026-10-03",
        "산악회_2026-10-03",
        "산악회_2026-10-04",
        "산악회_2026-10-03_2",
        "산악회_2026-10-04_2",
        rows()[-1]["fname"],
    ]
    assert rows()[-1]["fname"].startswith("잡담_19")
    told = said.getvalue()
    assert "note: in/a/산악회.txt is UTF-16, not UTF-8, and read so" in told
    assert "note: in/b/산악회.txt: byte 0xbb in line 1 is not UTF-8; it reads as CP949" in told
    assert "note: 3 other files of the folders were left out" in told


def test_dialogues_without_times_are_numbered(run_convert: Convert) -> None:
    write("대화.txt", PLAIN)
    run_convert("대화.txt", "--out", "out")
    assert [row["fname"] for row in rows()] == ["대화_1", "대화_2"]


def test_what_is_there_is_kept(run_convert: Convert) -> None:
    write("산악회.txt", PC)
    write("out/test.csv", "mine")
    with pytest.raises(UserError, match=r"out/test\.csv: there already; .* --overwrite"):
        run_convert("산악회.txt", "--out", "out")
    assert Path("out/test.csv").read_text() == "mine"
    assert not Path("out/names.json").exists()
    run_convert("산악회.txt", "--out", "out", "--overwrite")
    assert len(rows()) == 2


def test_all_that_cannot_be_read_is_told_and_nothing_is_written(run_convert: Convert) -> None:
    write("in/a.txt", PC)
    for i in range(25):
        write(f"in/{i:02}.txt", "그냥 글")
    with pytest.raises(UserError) as caught:
        run_convert("in", "--out", "out")
    lines = str(caught.value).splitlines()
    assert len(lines) == 22
    assert lines[0] == "what is to be converted has 25 faults:"
    assert lines[1].strip().startswith("in/00.txt: nobody speaks in '그냥 글'")
    assert lines[-1].strip() == "and 5 more"
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.txt", "--out", "out"], "none.txt cannot be read: No such file"),
        (["empty", "--out", "out"], "empty has no file that may be a chat"),
    ],
)
def test_a_mistake_is_one_sentence(
    run_convert: Convert, arguments: list[str], message: str
) -> None:
    Path("empty").mkdir()
    with pytest.raises(UserError, match=message):
        run_convert(*arguments)


@pytest.mark.parametrize("gap", ["0", "-5", "1.5", "한 시간", ""])
def test_a_gap_is_a_number_of_minutes(
    run_convert: Convert, gap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run_convert("a.txt", "--out", "out", f"--gap={gap}")
    assert "is no number of minutes, such as 60" in capsys.readouterr().err


@pytest.mark.usefixtures("trained")
def test_the_folder_is_data_to_summarize_and_once_labelled_to_train_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("산악회.txt", PC)
    arguments = ["convert", "산악회.txt", "--out", "data/raw", "--overwrite"]
    monkeypatch.setattr(sys, "argv", arguments)
    convert.main()
    clean.main()
    records = read_records(CLEAN / "test.parquet")
    assert [record.id for record in records] == ["산악회_2026-10-03", "산악회_2026-10-04"]
    assert [record.dialogue for record in records] == [row["dialogue"] for row in rows("data/raw")]
    predict.main()
    with SUBMISSION.open(encoding="utf-8", newline="") as file:
        assert [row["fname"] for row in csv.DictReader(file)] == [record.id for record in records]
    labelled = Path("data/raw/test.csv").read_text(encoding="utf-8")
    Path("data/raw/train.csv").write_text(labelled.replace(",,\n", ",만난다.,\n"), encoding="utf-8")
    clean.main()
    assert len(read_records(CLEAN / "train.parquet")) == 2
