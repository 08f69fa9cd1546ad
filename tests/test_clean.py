import csv
import json
import shutil
from collections import Counter
from hashlib import md5
from pathlib import Path

import pytest

from stages import clean
from stages.command.errors import UserError
from stages.text.records import Record, read_records

ROOT = Path(__file__).resolve().parents[1]

TRAIN = """fname,dialogue,summary,topic
train_2,"#Person1#: 안녕하세요. \r
#Person2#:네, 5% 할인이에요.",#Person1# 은 할인을 받는다. ,쇼핑
train_0,"#Person1#: ㅎㅎ
#Person2#: 안 믿어.","#Person2#는
믿지 않는다.",일상
train_1,#Person1#: 요약이 없어요.,,일상
"""
DEV = "fname,dialogue,summary,topic\ndev_0,#사람1#: 네.,#Person1#이 대답한다.,일상\n"
TEST = "fname,dialogue\ntest_3,#Person1#: 갈래? #Person2#: 응.\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(
        params.replace("dir: data/sample", "dir: data/raw"), encoding="utf-8"
    )
    (tmp_path / "data/raw").mkdir(parents=True)
    write(tmp_path, train=TRAIN, dev=DEV, test=TEST)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(project: Path, **contents: str) -> None:
    for split, content in contents.items():
        (project / f"data/raw/{split}.csv").write_bytes(content.encode())


def written(project: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(project)): path.read_bytes()
        for folder in ("data", "metrics")
        for path in (project / folder).rglob("*")
        if path.is_file() and "raw" not in path.parts
    }


def ledger(project: Path) -> list[dict[str, str]]:
    with (project / "data/clean/ledger.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_writes_these_files_and_no_other(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean.main()
    assert sorted(written(project)) == [
        "data/clean/dev.parquet",
        "data/clean/ledger.csv",
        "data/clean/test.parquet",
        "data/clean/train.parquet",
        "metrics/clean.json",
    ]
    assert capsys.readouterr().out == (
        "data/clean: train 2 rows, 1 repaired, 1 set aside; "
        "dev 1 rows, 1 repaired, 0 set aside; test 1 rows, 1 repaired, 0 set aside\n"
    )


@pytest.mark.usefixtures("project")
def test_dialogues_are_repaired_and_summaries_are_not() -> None:
    clean.main()
    assert read_records(clean.CLEAN / "train.parquet") == [
        Record(
            "train_2",
            "#Person1#: 안녕하세요.\n#Person2#: 네, 5% 할인이에요.",
            ("#Person1# 은 할인을 받는다. ",),
            "쇼핑",
        ),
        Record(
            "train_0",
            "#Person1#: ㅎㅎ\n#Person2#: 안 믿어.",
            ("#Person2#는\n믿지 않는다.",),
            "일상",
        ),
    ]
    assert read_records(clean.CLEAN / "dev.parquet") == [
        Record("dev_0", "#Person1#: 네.", ("#Person1#이 대답한다.",), "일상")
    ]
    assert read_records(clean.CLEAN / "test.parquet") == [
        Record("test_3", "#Person1#: 갈래?\n#Person2#: 응.", (), "")
    ]


def test_the_ledger_has_a_line_for_every_change_and_every_row_set_aside(project: Path) -> None:
    clean.main()
    assert [tuple(line.values()) for line in ledger(project)] == [
        (
            "train.csv",
            "train_2",
            "unify_line_ends",
            "#Person1#: 안녕하세요. \r",
            "#Person1#: 안녕하세요. ",
        ),
        (
            "train.csv",
            "train_2",
            "strip_blanks",
            "#Person1#: 안녕하세요. ",
            "#Person1#: 안녕하세요.",
        ),
        (
            "train.csv",
            "train_2",
            "space_colons",
            "#Person2#:네, 5% 할인이에요.",
            "#Person2#: 네, 5% 할인이에요.",
        ),
        ("train.csv", "train_1", "no_summary", "#Person1#: 요약이 없어요.", ""),
        ("dev.csv", "dev_0", "translate_speaker_tags", "#사람1#: 네.", "#Person1#: 네."),
        (
            "test.csv",
            "test_3",
            "part_turns",
            "#Person1#: 갈래? #Person2#: 응.",
            "#Person1#: 갈래?\n#Person2#: 응.",
        ),
    ]


def test_the_ledger_adds_up_to_the_metrics(project: Path) -> None:
    clean.main()
    metrics = json.loads(clean.METRICS.read_text(encoding="utf-8"))
    for split, facts in metrics.items():
        assert facts["read"] == facts["kept"] + facts["set_aside"]
        assert facts["kept"] == len(read_records(clean.CLEAN / f"{split}.parquet"))
        lines = [line for line in ledger(project) if line["file"] == f"{split}.csv"]
        rules = Counter(line["rule"] for line in lines)
        assert rules == {rule: count for rule, count in facts["rules"].items() if count}
        assert facts["set_aside"] == rules["no_summary"]
        changed = {line["id"] for line in lines if line["rule"] != "no_summary"}
        assert facts["changed"] == len(changed)


@pytest.mark.usefixtures("project")
def test_the_metrics_tell_which_edition_was_read() -> None:
    clean.main()
    facts = json.loads(clean.METRICS.read_text(encoding="utf-8"))["train"]
    assert facts["md5"] == md5(TRAIN.encode(), usedforsecurity=False).hexdigest()
    assert facts["bytes"] == len(TRAIN.encode())
    assert (facts["read"], facts["references"]) == (3, 2)
    # Dialogues as read, the blank and the \r\n among them: 42, 30 and 19 characters; summaries: 21
    # and 18.
    assert facts["dialogue_characters"] == round((42 + 30 + 19) / 3, 2)
    assert facts["summary_characters"] == (21 + 18) / 2
    assert facts["summaries_of_several_lines"] == 1


def test_a_second_run_writes_the_same_bytes(project: Path) -> None:
    clean.main()
    first = written(project)
    clean.main()
    assert written(project) == first


def test_cleaning_what_was_cleaned_changes_nothing(project: Path) -> None:
    clean.main()
    before = read_records(clean.CLEAN / "train.parquet")
    with (project / "data/raw/train.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("fname", "dialogue", "summary", "topic"))
        writer.writerows((r.id, r.dialogue, *r.summaries, r.topic) for r in before)
    clean.main()
    assert read_records(clean.CLEAN / "train.parquet") == before
    assert [line for line in ledger(project) if line["file"] == "train.csv"] == []


def test_without_a_test_file_there_is_none_of_it(project: Path) -> None:
    clean.main()
    (project / "data/raw/test.csv").unlink()
    clean.main()
    assert not (clean.CLEAN / "test.parquet").exists()
    assert list(json.loads(clean.METRICS.read_text(encoding="utf-8"))) == ["train", "dev"]


def test_test_may_have_several_references(project: Path) -> None:
    write(project, test="fname,dialogue,summary1,summary2\ntest_0,#Person1#: 네.,가,나\n")
    clean.main()
    assert read_records(clean.CLEAN / "test.parquet")[0].summaries == ("가", "나")


def test_test_may_have_an_empty_column_of_summaries(project: Path) -> None:
    write(project, test="fname,dialogue,summary\ntest_0,#Person1#: 네.,\ntest_1,#Person1#: 네.,\n")
    clean.main()
    assert [record.summaries for record in read_records(clean.CLEAN / "test.parquet")] == [(), ()]


HEADER = "fname,dialogue,summary\n"
FAULTS = [
    ("train", HEADER, ("data/raw/train.csv", "a header and no row")),
    ("train", HEADER + "a,#Person1#: 네.,\n", ("data/raw/train.csv, column summary", "every row")),
    (
        "train",
        HEADER + "a,#Person1#: 네.,가\nb,네. 안녕히 가세요.,나\n",
        ("data/raw/train.csv, row 2 (line 3), column dialogue", "no turn", "네. 안녕히 가세요."),
    ),
    ("dev", HEADER + "a,,가\n", ("data/raw/dev.csv, row 1 (line 2), column dialogue", "no turn")),
    (
        "test",
        HEADER + "a,#Person1#: ,가\n",
        ("data/raw/test.csv, row 1 (line 2), column dialogue",),
    ),
    (
        "dev",
        HEADER + "a,#Person1#: 네.,가\nb,#Person1#: 네., \n",
        ("data/raw/dev.csv, row 2 (line 3), column summary", "no reference"),
    ),
    (
        "test",
        HEADER + "a,#Person1#: 네.,\nb,#Person1#: 네.,나\n",
        ("data/raw/test.csv, row 1 (line 2), column summary", "no reference", "every row"),
    ),
    ("dev", "fname,dialogue\na,#Person1#: 네.\n", ("data/raw/dev.csv lacks the column summary",)),
]


@pytest.mark.parametrize(("split", "content", "parts"), FAULTS)
def test_a_fault_is_one_sentence_and_leaves_everything_as_it_was(
    project: Path, split: str, content: str, parts: tuple[str, ...]
) -> None:
    clean.main()
    before = written(project)
    write(project, **{split: content})
    with pytest.raises(UserError) as caught:
        clean.main()
    assert [part for part in parts if part not in str(caught.value)] == []
    assert written(project) == before
    shutil.rmtree(project / "data/clean")
    with pytest.raises(UserError):
        clean.main()
    assert not (project / "data/clean").exists()


@pytest.mark.parametrize("split", ["train", "dev"])
def test_a_missing_file_is_named_with_the_way_out(project: Path, split: str) -> None:
    (project / f"data/raw/{split}.csv").unlink()
    with pytest.raises(UserError, match=rf"data/raw/{split}\.csv is missing; .*data\.dir"):
        clean.main()
    assert written(project) == {}


def test_a_folder_in_the_place_of_a_file_is_named(project: Path) -> None:
    (project / "data/raw/test.csv").unlink()
    (project / "data/raw/test.csv").mkdir()
    with pytest.raises(UserError, match=r"data/raw/test\.csv is a folder, not a file"):
        clean.main()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_real_data_lose_no_row_and_no_reference(project: Path, language: str) -> None:
    folder = ROOT / "../shared/data" / language
    if not folder.is_dir():
        pytest.skip(f"{folder} is not on this machine")
    for split in ("train", "dev", "test"):
        shutil.copyfile(folder / f"{split}.csv", project / f"data/raw/{split}.csv")
    clean.main()
    for split in ("train", "dev", "test"):
        with (folder / f"{split}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        records = read_records(clean.CLEAN / f"{split}.parquet")
        assert [record.id for record in records] == [row["fname"] for row in rows]
        names = [name for name in rows[0] if name.startswith("summary")]
        summaries = [tuple(row[name] for name in names) for row in rows]
        assert [record.summaries for record in records] == summaries
