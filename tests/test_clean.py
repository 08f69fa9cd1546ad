import csv
import json
import shutil
import unicodedata
from collections import Counter
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import clean, paths, report
from stages.command.errors import UserError
from stages.dialogue.records import Record, read_records

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
HEADER_WITH_TOPIC = "fname,dialogue,summary,topic\n"
# Of 내일봐·일봐요 b has one and d both; e has 두통약·통약을·약을찾, three of eight; c and f
# are one text. The summaries of b and c are the same.
LEAKING = (
    HEADER_WITH_TOPIC
    + """b,#Person1#: 내일 봐!,같은 요약.,인사
c,#Person1#: 빨간 치마를 환불해 주세요.,같은 요약.,쇼핑
d,#Person2#:내일 봐요?,인사한다.,인사
e,#Person1#: 두통약을 찾으세요?,약을 찾는다.,진료
f,#Person2#: 빨간 치마를 환불해 주세요!,치마를 환불한다.,쇼핑
g,#Person1#: 수학 시험이 걱정돼.,시험을 걱정한다.,학교
"""
)
LEAKED = HEADER_WITH_TOPIC + "dev_0,#Person1#: 내일 봐요.,헤어진다.,인사\n"
LEAKED_TEST = "fname,dialogue\ntest_0,#Person1#: 두통약을 찾아요.\n"
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
    return rows_of(project / "data/clean/ledger.csv")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def set_clean(**values: object) -> None:
    """Put values into the section `clean` of params.yaml."""
    path = Path("params.yaml")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["clean"] |= values
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_it_writes_these_files_and_no_other(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean.main()
    assert sorted(written(project)) == [
        "data/clean/dev.parquet",
        "data/clean/leaks.csv",
        "data/clean/ledger.csv",
        "data/clean/suspects.csv",
        "data/clean/test.parquet",
        "data/clean/train.parquet",
        "metrics/clean.json",
        "metrics/leaks.json",
    ]
    assert capsys.readouterr().out == (
        "data/clean: train 2 rows, 1 repaired, 1 set aside; "
        "dev 1 rows, 1 repaired, 0 set aside; test 1 rows, 1 repaired, 0 set aside; "
        "train has near-copies of 0 dev and 0 test rows\n"
    )


@pytest.mark.usefixtures("project")
def test_dialogues_are_repaired_and_summaries_are_not() -> None:
    clean.main()
    assert read_records(paths.CLEAN / "train.parquet") == [
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
    assert read_records(paths.CLEAN / "dev.parquet") == [
        Record("dev_0", "#Person1#: 네.", ("#Person1#이 대답한다.",), "일상")
    ]
    assert read_records(paths.CLEAN / "test.parquet") == [
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


@pytest.mark.parametrize("values", [{}, {"leaks": "drop"}, {"folds": 2, "fold": 1}])
def test_the_ledger_adds_up_to_the_metrics(project: Path, values: dict[str, object]) -> None:
    write(project, train=TRAIN + LEAKING.removeprefix(HEADER_WITH_TOPIC), dev=LEAKED)
    set_clean(**values)
    clean.main()
    metrics = json.loads(paths.CLEAN_METRICS.read_text(encoding="utf-8"))
    for split, facts in metrics.items():
        assert facts["read"] == facts["kept"] + facts["set_aside"] + facts["held_out"]
        assert facts["kept"] == len(read_records(paths.CLEAN / f"{split}.parquet"))
        if "fold" in facts:
            assert facts["kept"] == metrics["train"]["held_out"] > 0
            continue
        lines = [line for line in ledger(project) if line["file"] == f"{split}.csv"]
        rules = Counter(line["rule"] for line in lines)
        assert rules == {rule: count for rule, count in facts["rules"].items() if count}
        assert facts["set_aside"] == rules["no_summary"] + rules["near_copy"]
        reasons = ("no_summary", "near_copy")
        changed = {line["id"] for line in lines if line["rule"] not in reasons}
        assert facts["changed"] == len(changed)


@pytest.mark.usefixtures("project")
def test_the_metrics_tell_which_edition_was_read() -> None:
    clean.main()
    facts = json.loads(paths.CLEAN_METRICS.read_text(encoding="utf-8"))["train"]
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
    before = read_records(paths.CLEAN / "train.parquet")
    with (project / "data/raw/train.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("fname", "dialogue", "summary", "topic"))
        writer.writerows((r.id, r.dialogue, *r.summaries, r.topic) for r in before)
    clean.main()
    assert read_records(paths.CLEAN / "train.parquet") == before
    assert [line for line in ledger(project) if line["file"] == "train.csv"] == []


def test_without_a_test_file_there_is_none_of_it(project: Path) -> None:
    clean.main()
    (project / "data/raw/test.csv").unlink()
    clean.main()
    assert not (paths.CLEAN / "test.parquet").exists()
    assert list(json.loads(paths.CLEAN_METRICS.read_text(encoding="utf-8"))) == ["train", "dev"]


def test_test_may_have_several_references(project: Path) -> None:
    write(project, test="fname,dialogue,summary1,summary2\ntest_0,#Person1#: 네.,가,나\n")
    clean.main()
    assert read_records(paths.CLEAN / "test.parquet")[0].summaries == ("가", "나")


def test_test_may_have_an_empty_column_of_summaries(project: Path) -> None:
    write(project, test="fname,dialogue,summary\ntest_0,#Person1#: 네.,\ntest_1,#Person1#: 네.,\n")
    clean.main()
    assert [record.summaries for record in read_records(paths.CLEAN / "test.parquet")] == [(), ()]


@pytest.fixture
def leaking(project: Path) -> Path:
    write(project, train=LEAKING, dev=LEAKED, test=LEAKED_TEST)
    return project


def train_ids() -> list[str]:
    return [record.id for record in read_records(paths.CLEAN / "train.parquet")]


def findings() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = json.loads(paths.LEAK_METRICS.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize(
    ("leaks", "left", "dropped"), [("keep", list("bcdefg"), []), ("drop", list("cfg"), list("bde"))]
)
def test_every_leak_is_reported_and_taken_out_of_train_alone_if_asked(
    leaking: Path, leaks: str, left: list[str], dropped: list[str]
) -> None:
    set_clean(leaks=leaks)
    clean.main()
    assert (paths.CLEAN / "leaks.csv").read_text(encoding="utf-8") == (
        "file,id,train_id,similarity,identical\n"
        "dev.csv,dev_0,b,0.5000,no\n"
        "dev.csv,dev_0,d,1.0000,yes\n"
        "test.csv,test_0,e,0.3750,no\n"
    )
    assert findings()["leaks"] == {
        "dev": {"rows": 1, "pairs": 2, "identical": 1, "at_half": 1},
        "test": {"rows": 1, "pairs": 1, "identical": 0, "at_half": 0},
        "train": {"rows": 3, "dropped": len(dropped)},
    }
    assert train_ids() == left
    assert len(read_records(paths.CLEAN / "dev.parquet")) == 1
    assert len(read_records(paths.CLEAN / "test.parquet")) == 1
    lines = [line for line in ledger(leaking) if line["rule"] == "near_copy"]
    assert [(line["file"], line["id"], line["after"]) for line in lines] == [
        ("train.csv", row, "") for row in dropped
    ]
    assert [line["before"] for line in lines if line["id"] == "d"] == (
        ["#Person2#: 내일 봐요?"] if dropped else []
    )


@pytest.mark.usefixtures("leaking")
def test_no_spreadsheet_computes_a_cell_of_the_tables_for_people(project: Path) -> None:
    write(
        project,
        train=f"{HEADER_WITH_TOPIC}=1+1,@지영: 내일 봐!,-같은 요약.,인사\n"
        "=2,-민수: 약 주세요!,-같은 요약.,진료\n",
        dev=f"{HEADER_WITH_TOPIC}+dev,@지영: 내일 봐!,=HYPERLINK(1),인사\n",
    )
    path = Path("params.yaml")
    path.write_text(path.read_text("utf-8").replace("speakers: tags", "speakers: names"), "utf-8")
    set_clean(folds=2)
    clean.main()
    tables = {
        name: (paths.CLEAN / name).read_text(encoding="utf-8").splitlines()
        for name in ("leaks.csv", "suspects.csv", "folds.csv", "speakers.csv", "ledger.csv")
    }
    assert tables["leaks.csv"][1] == "dev.csv,'+dev,'=1+1,1.0000,yes"
    assert tables["suspects.csv"][1] == "shared_summary,'=1+1 =2,'-같은 요약."
    assert sorted(line.partition(",")[0] for line in tables["folds.csv"][1:]) == ["'=1+1", "'=2"]
    assert '"train.csv","\'=1+1","#Person1#","\'@지영"' in tables["speakers.csv"]
    assert any(line.startswith('"train.csv","\'=1+1","tag_names"') for line in tables["ledger.csv"])
    assert [record.id for record in read_records(paths.CLEAN / "train.parquet")] == ["=1+1", "=2"]
    with_copies = report.dev_with_copies()
    assert with_copies == {"+dev"}


@pytest.mark.usefixtures("leaking")
def test_below_the_threshold_nothing_is_a_leak() -> None:
    set_clean(leaks="drop", leak_threshold=0.6)
    clean.main()
    assert [row["train_id"] for row in rows_of(paths.CLEAN / "leaks.csv")] == ["d"]
    assert findings()["leaks"]["dev"] == {"rows": 1, "pairs": 1, "identical": 1, "at_half": None}
    assert train_ids() == list("bcefg")


@pytest.mark.usefixtures("leaking")
def test_suspects_and_copies_are_reported_and_stay() -> None:
    clean.main()
    assert rows_of(paths.CLEAN / "suspects.csv") == [
        {"kind": "shared_summary", "ids": "b c", "evidence": "같은 요약."}
    ]
    assert findings()["suspects"] == {"shared_summary": 2}
    assert findings()["copies"] == {"groups": 2, "rows": 4, "largest": 2}  # b, d and c, f


@pytest.mark.parametrize(
    ("folds", "copies"),
    [
        (0, {"groups": None, "rows": None, "largest": None}),
        (2, {"groups": 2, "rows": 4, "largest": 2}),
    ],
)
@pytest.mark.usefixtures("leaking")
def test_many_rows_are_grouped_for_folds_only(
    monkeypatch: pytest.MonkeyPatch, folds: int, copies: dict[str, int | None]
) -> None:
    monkeypatch.setattr("stages.clean.BLOCK_ROWS", 5)
    set_clean(folds=folds)
    clean.main()
    assert findings()["copies"] == copies


def test_more_than_half_of_train_is_not_dropped(leaking: Path) -> None:
    clean.main()
    before = written(leaking)
    set_clean(leaks="drop")
    write(leaking, train=LEAKING + "h,#Person1#: 내일 봐요.,또 본다.,인사\n")
    with pytest.raises(UserError, match=r"4 of 7 training rows .* raise clean\.leak_threshold"):
        clean.main()
    assert written(leaking) == before


@pytest.mark.usefixtures("leaking")
def test_so_many_near_copies_that_they_are_hardly_copies_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_clean(leaks="drop", leak_threshold=0.3)
    clean.main()
    assert "are dropped; so many are hardly copies: raise clean.leak" in capsys.readouterr().out


def set_language(language: str) -> None:
    path = Path("params.yaml")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["data"]["language"] = language
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_near_copies_are_closer_in_english(leaking: Path) -> None:
    clean.main()
    korean = {row["train_id"] for row in rows_of(leaking / "data/clean/leaks.csv")}
    assert korean == {"b", "d", "e"}
    set_language("en")
    clean.main()
    english = rows_of(leaking / "data/clean/leaks.csv")
    assert {row["train_id"] for row in english} == {"b", "d"}
    assert all(float(row["similarity"]) >= 0.5 for row in english)


@pytest.mark.usefixtures("project")
def test_files_in_another_language_are_told_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clean.main()
    assert "warning" not in capsys.readouterr().out
    set_language("en")
    clean.main()
    _, *told = capsys.readouterr().out.splitlines()
    (warning,) = told
    assert warning.startswith("warning: data/raw/train.csv, data/raw/dev.csv, data/raw/test.csv: ")
    assert "most letters are Hangul, and data.language is en; put data.language: ko" in warning


def test_one_english_file_among_korean_ones_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    english = HEADER_WITH_TOPIC + "dev_0,#Person1#: See you.,#Person1# leaves.,farewell\n"
    write(project, dev=english)
    clean.main()
    *_, warning = capsys.readouterr().out.splitlines()
    assert warning.startswith("warning: data/raw/dev.csv: most letters are Latin, ")
    assert "data.language: en" in warning


@pytest.mark.parametrize("leaks", ["keep", "drop"])
def test_folds_hold_every_training_row_and_keep_copies_together(leaking: Path, leaks: str) -> None:
    set_clean(folds=2, leaks=leaks)
    write(leaking, test=TEST, dev=DEV)
    clean.main()
    fold_of = {row["id"]: row["fold"] for row in rows_of(paths.CLEAN / "folds.csv")}
    assert list(fold_of) == train_ids() == list("bcdefg")
    assert Counter(fold_of.values()) == {"1": 3, "2": 3}
    assert fold_of["b"] == fold_of["d"]
    assert fold_of["c"] == fold_of["f"]


@pytest.mark.usefixtures("leaking")
def test_dropped_rows_are_in_no_fold() -> None:
    set_clean(folds=2, leaks="drop", leak_threshold=0.3)
    clean.main()
    assert [row["id"] for row in rows_of(paths.CLEAN / "folds.csv")] == train_ids() == list("cfg")


@pytest.mark.usefixtures("leaking")
def test_with_a_fold_held_out_dev_may_be_missing() -> None:
    Path("data/raw/dev.csv").unlink()
    with pytest.raises(UserError, match=r"dev\.csv is missing"):
        clean.main()
    set_clean(folds=3, fold=1)
    clean.main()
    assert read_records(paths.CLEAN / "dev.parquet")
    assert set(findings()["leaks"]) == {"test", "train"}


@pytest.mark.usefixtures("leaking")
def test_copies_whose_syllables_are_in_parts_are_copies(capsys: pytest.CaptureFixture[str]) -> None:
    content = Path("data/raw/dev.csv").read_text(encoding="utf-8")
    Path("data/raw/dev.csv").write_text(unicodedata.normalize("NFD", content), encoding="utf-8")
    set_clean(leaks="drop")
    clean.main()
    assert findings()["leaks"]["dev"]["identical"] == 1
    said = capsys.readouterr().out
    assert "3 train rows were near-copies of 1 dev and 1 test rows and are dropped" in said


@pytest.mark.usefixtures("leaking")
def test_a_fold_held_out_is_dev_and_the_other_folds_are_train() -> None:
    set_clean(folds=3)
    clean.main()
    every = read_records(paths.CLEAN / "train.parquet")
    folds = (paths.CLEAN / "folds.csv").read_bytes()
    held_out = []
    for fold in (1, 2, 3):
        set_clean(fold=fold)
        clean.main()
        assert (paths.CLEAN / "folds.csv").read_bytes() == folds
        ids = [r["id"] for r in rows_of(paths.CLEAN / "folds.csv") if r["fold"] == str(fold)]
        dev = read_records(paths.CLEAN / "dev.parquet")
        train = read_records(paths.CLEAN / "train.parquet")
        assert dev == [record for record in every if record.id in ids]
        assert train == [record for record in every if record.id not in ids]
        metrics = json.loads(paths.CLEAN_METRICS.read_text(encoding="utf-8"))
        assert (metrics["dev"]["fold"], metrics["dev"]["read"]) == (fold, len(dev))
        assert metrics["dev"]["md5"] == metrics["train"]["md5"]
        lengths = [len(record.summaries[0]) for record in dev]
        assert metrics["dev"]["summary_characters"] == sum(lengths) / len(lengths)
        held_out += dev
    assert sorted(record.id for record in held_out) == [record.id for record in every]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"folds": 2, "fold": 3}, r"clean\.fold: should be at most clean\.folds, 2, not 3"),
        ({"fold": 1}, r"clean\.fold: should be at most clean\.folds, 0, not 1"),
        ({"folds": 1}, r"clean\.folds: should be 0 or at least 2, not 1"),
        ({"folds": 1, "fold": 1}, r"has 1 fault:\n  clean\.folds: should be 0 or at least 2"),
        ({"leak_threshold": 0.05}, r"clean\.leak_threshold: .* 0\.15, not 0\.05"),
        ({"folds": 5}, r"lower clean\.folds"),
    ],
)
def test_impossible_folds_and_thresholds_are_refused(
    leaking: Path, values: dict[str, object], message: str
) -> None:
    set_clean(**values)
    with pytest.raises(UserError, match=message):
        clean.main()
    assert written(leaking) == {}


@pytest.mark.parametrize("values", [{"leaks": "drop"}, {"folds": 2, "fold": 2}])
def test_a_second_run_drops_and_deals_the_same(leaking: Path, values: dict[str, object]) -> None:
    set_clean(**values)
    clean.main()
    first = written(leaking)
    clean.main()
    assert written(leaking) == first


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
    *(
        (
            "test",
            f"fname,dialogue,{name}\na,#Person1#: 네.,가\n",
            (f"data/raw/test.csv, header: {name} would be no reference", "rename it to summary"),
        )
        for name in ("Summary", "SUMMARY1", "요약", "요약문 2")
    ),
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
        pytest.skip(f"put train, dev and test into ../shared/data/{folder.name}/ (CONTRIBUTING.md)")
    for split in ("train", "dev", "test"):
        shutil.copyfile(folder / f"{split}.csv", project / f"data/raw/{split}.csv")
    clean.main()
    for split in ("train", "dev", "test"):
        with (folder / f"{split}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        records = read_records(paths.CLEAN / f"{split}.parquet")
        assert [record.id for record in records] == [row["fname"] for row in rows]
        names = [name for name in rows[0] if name.startswith("summary")]
        summaries = [tuple(row[name] for name in names) for row in rows]
        assert [record.summaries for record in records] == summaries
