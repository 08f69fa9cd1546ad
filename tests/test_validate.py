import json
import re
import sys
from pathlib import Path

import pytest

from stages import validate
from stages.command.errors import UserError
from stages.params import load_params
from stages.submission.check import check_submission
from stages.submission.form import read_submission

ROOT = Path(__file__).resolve().parents[1]
KO = ROOT / "../shared/data/ko"
DATA = load_params(ROOT / "params.yaml").data

TEST = "fname,dialogue\n" + "".join(
    f'test_{i},"#Person1#: 오늘 점심은 무엇을 먹을까요, 김치찌개는 어때요?\n#Person2#: 좋아요."\n'
    for i in range(28)
)

# One row for each fault that was seen on the leaderboard, made by hand; rows count from 1.
FAULTY = """,fname,summary
0,test_0,"#Person1#은 김치찌개를, #Person2#는 냉면을 먹습니다."
1,test_1,#Person1#은 김치찌개를, #Person2#는 냉면을 먹는다고 합니다.
2,test_2,"#Person1#은 찌개를
권합니다."
3,test_3, #Person1#은  비빔밥을 고릅니다.
4,test_4,#Person1#은 점심으로 김치찌
5,test_5,#Person1#은 #Person2#에게 국수를 권합니다. #Pers
6,test_6,Person1#은 만두를 권합니다.
7,test_7,#Person3#은 빵을 삽니다.
8,test_8,#People1#은 떡을 삽니다.
9,test_9,#Person1#은 <unused68>떡볶이를 삽니다.
10,test_10,#Person2#는 라면을 끓입니다.</s>
11,test_11,"오늘 점심은 무엇을 먹을까요, 김치찌개는 어때요?"
12,test_12,
13,test_13,같은 요약을 #Person1#이 씁니다.
14,test_14,같은 요약을 #Person1#이 씁니다.
15,test_15,같은 요약을 #Person1#이 씁니다.
16,test_18,#Person2#는 순서를 바꿉니다.
17,test_17,#Person2#는 제자리에 있습니다.
19,test_16,#Person1#은 앞줄을 빼앗깁니다.
19,test_19,#Person1#은 김밥을 삽니다.
20,test_19,#Person1#은 김밥을 또 삽니다.
21,test_99,#Person1#은 모르는 사람입니다.
22,test_22,#Person1#은㗡 국을 끓입니다.
23,test_23,는 라면을 끓입니다.
24,test_24,NaN
25,test_25,#Person1#은 [CLS] 죽을 끓입니다.<|im_end|>
26,test_26,#Person1#은 차를\u200b 끓입니다.
27,test_27,#Person1#은 \u1107\u1161\u11b8을 먹습니다.
24,AVERAGE,47.1
"""

FOUND = [
    ("ragged", 2),
    ("newline", 3),
    ("index", 19),
    ("order", 17),
    ("order", 19),
    ("repeated_id", 21),
    ("unknown_id", 22),
    ("average", 29),
    ("empty", 25),
    ("special_token", 26),
    ("hidden", 27),
    ("decomposed", 28),
    ("missing_id", 0),
    ("missing_id", 0),
    ("blanks", 4),
    ("unfinished", 5),
    ("damaged_tag", 6),
    ("unfinished", 6),
    ("damaged_tag", 7),
    ("foreign_tag", 8),
    ("unknown_tag", 9),
    ("special_token", 10),
    ("special_token", 11),
    ("copied", 12),
    ("empty", 13),
    ("same_summary", 14),
    ("special_token", 23),
    ("damaged_tag", 24),
]


def write(folder: Path, content: str, name: str) -> Path:
    path = folder / name
    path.write_bytes(content.encode())
    return path


def validated(monkeypatch: pytest.MonkeyPatch, *arguments: Path | str) -> None:
    monkeypatch.setattr(sys, "argv", ["validate", *map(str, arguments)])
    validate.main()


def test_every_fault_of_a_file_is_found_in_one_run(tmp_path: Path) -> None:
    file, test = write(tmp_path, FAULTY, "faulty.csv"), write(tmp_path, TEST, "test.csv")
    n, faults = check_submission(file, validate.read_dialogues([test], DATA), "ko")
    assert n == 29
    assert sorted((fault.kind, fault.row) for fault in faults) == sorted(FOUND)


def test_a_faulty_file_is_refused_and_every_kind_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, test = write(tmp_path, FAULTY, "faulty.csv"), write(tmp_path, TEST, "test.csv")
    with pytest.raises(UserError, match=r"would be refused: ragged \(1\), newline \(1\)"):
        validated(monkeypatch, file, "--ids", test)
    printed = capsys.readouterr().out
    told = re.findall(r"^(?:refused|will cost score) (\w+):", printed, re.MULTILINE)
    assert {kind for kind, _ in FOUND} <= set(told)
    assert "will cost score blanks: row 4 (test_3): blanks around it" in printed
    assert "refused ragged: row 2 (test_1): 4 fields where the header has 3" in printed


def test_a_file_with_warnings_alone_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{i},test_{i},#Person1#은 {i}번째로 갑\n" for i in range(28))
    file = write(tmp_path, ",fname,summary\n" + rows, "warned.csv")
    validated(monkeypatch, file, "--ids", write(tmp_path, TEST, "test.csv"))
    assert capsys.readouterr().out.endswith("; warnings: unfinished (28)\n")


def test_without_test_csv_the_ids_are_not_compared(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("data/raw/test.csv").unlink()
    file = write(project, "fname,summary\nx,#Person1#은 갑니다.\n", "short.csv")
    capsys.readouterr()
    validated(monkeypatch, file)
    assert (
        "ids not compared: there is no data/raw/test.csv; warnings: none" in capsys.readouterr().out
    )


def test_test_csv_of_the_project_is_the_default(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(project, "fname,summary\nx,#Person1#은 갑니다.\n", "short.csv")
    with pytest.raises(UserError, match=r"unknown_id \(1\), missing_id \(2\)"):
        validated(monkeypatch, file)


def test_a_header_alone_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("data/raw/test.csv").unlink()
    with pytest.raises(UserError, match=r"would be refused: no_rows \(1\)"):
        validated(monkeypatch, write(project, "fname,summary\n", "empty.csv"))


def test_most_summaries_without_a_tag_are_a_warning(tmp_path: Path) -> None:
    rows = "".join(f"test_{i},그는 {i}번째로 갑니다.\n" for i in range(4))
    file = write(tmp_path, f"fname,summary\n{rows}", "untagged.csv")
    assert [fault.kind for fault in check_submission(file, None, "ko")[1]] == ["lost_tags"]


ROWS_OF_TEST = [("t_0", "#Person1#은 갑니다."), ("t_1", "#Person2#는 옵니다.")]
DIALOGUES = {"t_0": "#Person1#: 네.", "t_1": "#Person2#: 네."}


def kinds(folder: Path, content: str) -> list[tuple[str, int]]:
    file = write(folder, content, "other.csv")
    return [(fault.kind, fault.row) for fault in check_submission(file, DIALOGUES, "ko")[1]]


@pytest.mark.parametrize(
    "content",
    [
        "id,summary\n" + "".join(f"{i},{text}\n" for i, text in ROWS_OF_TEST),
        "fname\tsummary\n" + "".join(f"{i}\t{text}\n" for i, text in ROWS_OF_TEST),
        "fname;summary\n" + "".join(f"{i};{text}\n" for i, text in ROWS_OF_TEST),
        "ID,주제,Prediction\n" + "".join(f"{i},,{text}\n" for i, text in ROWS_OF_TEST),
        "".join(f'{{"fname": "{i}", "summary": "{text}"}}\n' for i, text in ROWS_OF_TEST),
        json.dumps([{"id": i, "pred": text} for i, text in ROWS_OF_TEST], ensure_ascii=False),
    ],
)
def test_an_unknown_header_is_said_once_and_the_rows_are_judged(
    tmp_path: Path, content: str
) -> None:
    assert kinds(tmp_path, content) == [("header", 0)]
    assert kinds(tmp_path, content.replace("갑니다.", "갑")) == [("header", 0), ("unfinished", 1)]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("fname,summary\nt_0,#Person1#은 갑니다.\nt_1,#Person2#는 옵니다.\nAVERAGE,0.4\n", 3),
        ("text,generated_text,score\n글,#Person1#은 갑니다.,0.4\nAVERAGE,AVERAGE,0.4\n", 2),
        ("text,score\n글,0.4\n평균,0.4\n", 2),
    ],
)
def test_a_row_of_averages_is_found_under_any_header(
    tmp_path: Path, content: str, row: int
) -> None:
    found = kinds(tmp_path, content)
    assert [fault for fault in found if fault[0] == "average"] == [("average", row)]
    assert "unknown_id" not in dict(found)


def test_only_what_is_known_to_be_refused_is_called_so(tmp_path: Path) -> None:
    texts = ["요약문입니다.", "[]", "#Person1#", "['#Person1#은 갑니다.']", "R&amp;B는 답합니다."]
    texts += ["#Person1#은\u00a0갑니다.", "NaN", ""]
    rows = "".join(f"t_{i},{text}\n" for i, text in enumerate(texts))
    file = write(tmp_path, f"fname,summary\n{rows}", "odd.csv")
    _, faults = check_submission(file, None, "ko")
    assert [(fault.kind, fault.row, fault.refused) for fault in faults if fault.row] == [
        ("placeholder", 1, False),
        ("empty", 2, True),  # the package `rouge` has no words to count
        ("placeholder", 3, False),
        ("list", 4, False),
        ("written_code", 5, False),
        ("odd_blank", 6, False),
        ("empty", 7, True),
        ("empty", 8, True),
    ]


def test_a_damaged_tag_is_shown_where_it_is(tmp_path: Path) -> None:
    text = "#Person1#은 갑니다. # Person2#는 옵니다. " + "#Person1#은 오래 걸어갑니다. " * 5
    file = write(tmp_path, f"fname,summary\nt_0,{text.strip()}\n", "damaged.csv")
    (fault,) = check_submission(file, None, "ko")[1]
    assert "n1#은 갑니다. # Person2#는 옵니다. #" in fault.reason


def test_dialogues_are_read_in_any_format(tmp_path: Path) -> None:
    path = write(tmp_path, '{"fname": "t_0", "dialogue": "#사람1#:네."}\n', "test.jsonl")
    assert validate.read_dialogues([path], DATA) == {"t_0": "#Person1#: 네."}


def test_a_missing_file_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"is no file\. A submission gets written by: dvc repro"):
        validated(monkeypatch, tmp_path / "none.csv")


def test_real_references_would_not_be_refused(tmp_path: Path) -> None:
    if not KO.exists():
        pytest.skip("put the competition's dev.csv into ../shared/data/ko/ (CONTRIBUTING.md)")
    submission = read_submission(KO / "dev.csv")
    lines = ["fname,summary"]
    for entry in submission.entries:
        summary = " ".join(entry.summary.split()).replace('"', '""')
        lines.append(f'{entry.id},"{summary}"')
    file = write(tmp_path, "\n".join(lines) + "\n", "references.csv")
    n, faults = check_submission(file, validate.read_dialogues([KO / "dev.csv"], DATA), "ko")
    assert n == 499
    assert [fault for fault in faults if fault.refused] == []
    assert len({fault.row for fault in faults}) < 0.05 * n
