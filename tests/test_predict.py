import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from stages import clean, paths, predict
from stages.command.errors import UserError
from stages.dialogue.records import Record
from stages.model.seq2seq import build_model, save_model
from stages.params import Params
from tests.repository import dvc, start_repository

RECORDS = [Record(f"test_{i}", "#Person1#: 갈까?\n#Person2#: 네.", (), "") for i in (0, 2, 1)]


@pytest.fixture
def save(
    tokenizer: Tokenizer, tokenizer_folder: Path, change: Callable[..., Params]
) -> Callable[[Path, int], None]:
    """Return the function that saves an untrained model in a folder."""

    def save_untrained(folder: Path, seed: int) -> None:
        shutil.copytree(tokenizer_folder, folder)
        settings = change("model.init_std", 0.5).model
        model = build_model(settings, tokenizer=tokenizer, positions=64, seed=seed)
        save_model(model, folder, max_new_tokens=12)

    return save_untrained


def rows() -> list[list[str]]:
    with paths.SUBMISSION.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.usefixtures("project")
def test_it_writes_the_ids_of_test_in_their_order_and_the_same_bytes_again(
    save: Callable[[Path, int], None],
    files: Callable[..., dict[str, bytes]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    save(paths.SUMMARIZER, 0)
    predict.main()
    written = files("data/predictions")
    assert list(written) == ["data/predictions/submission.csv"]
    assert [row[:2] for row in rows()] == [["", "fname"], ["0", "test_0"], ["1", "test_1"]]
    assert all(row[2] for row in rows())
    assert "submission.csv has 2 summaries of summarizer" in capsys.readouterr().out
    predict.main()
    assert files("data/predictions") == written


@pytest.mark.usefixtures("project")
def test_the_index_can_be_left_out(
    save: Callable[[Path, int], None],
    change: Callable[..., Params],
    rewrite: Callable[[Params], None],
) -> None:
    save(paths.SUMMARIZER, 0)
    rewrite(change("predict.index", False))
    predict.main()
    assert [row[0] for row in rows()] == ["fname", "test_0", "test_1"]


@pytest.mark.usefixtures("project")
def test_without_test_csv_there_is_a_header_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data/raw/test.csv").unlink()
    clean.main()
    predict.main()
    assert rows() == [["", "fname", "summary"]]
    assert "a header alone: the data has no test.csv" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_without_a_model_the_command_that_makes_it_is_named() -> None:
    with pytest.raises(UserError, match="It gets written by: dvc repro train"):
        predict.main()


def test_commas_and_quotes_are_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    summaries = ['#Person1#은 "네."라고, 말한다.', "#Person1#은 온다.", "#Person2#는 간다."]
    assert predict.write_submission(RECORDS, summaries, index=True, language="ko") == ""
    assert paths.SUBMISSION.read_text(encoding="utf-8") == (
        ',fname,summary\n0,test_0,"#Person1#은 ""네.""라고, 말한다."\n'
        "1,test_2,#Person1#은 온다.\n2,test_1,#Person2#는 간다.\n"
    )


def test_a_file_that_would_be_refused_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    predict.write_submission(RECORDS, ["#Person1#은 간다."] * 3, index=True, language="ko")
    before = paths.SUBMISSION.read_bytes()
    with pytest.raises(UserError, match=r"not written: empty \(1\), special_token \(1\)\n.*row 2"):
        predict.write_submission(
            RECORDS, ["가다.", "", "<unused68>가다."], index=True, language="ko"
        )
    assert paths.SUBMISSION.read_bytes() == before
    assert [path.name for path in paths.SUBMISSION.parent.iterdir()] == ["submission.csv"]


DVC_YAML = """stages:
  train:
    cmd: {python} -c "import shutil; shutil.copytree('seeds/${{train.seed}}', 'models/summarizer')"
    deps: [seeds]
    params: [train.seed]
    outs: [models/summarizer]
"""


@pytest.mark.usefixtures("project")
def test_models_of_experiments_vote(
    save: Callable[[Path, int], None],
    change: Callable[..., Params],
    rewrite: Callable[[Params], None],
) -> None:
    for seed in (7, 8):
        save(Path(f"seeds/{seed}"), seed)
    Path("dvc.yaml").write_text(DVC_YAML.format(python="python"), encoding="utf-8")
    start_repository(Path())
    dvc(Path(), "exp", "run", "--quiet", "--name", "first")
    dvc(Path(), "exp", "run", "--quiet", "--name", "second", "--set-param", "train.seed=8")
    by_name = {}
    for names in (["first"], ["second"], ["first", "second", "second"]):
        rewrite(change("train.seed", 8, "predict.models", names))
        predict.main()
        by_name[" ".join(names)] = rows()
    assert by_name["first"] != by_name["second"]
    assert by_name["first second second"] == by_name["second"]
    rewrite(change("predict.models", ["secund"]))
    with pytest.raises(UserError, match=r"no experiment secund; did you mean second"):
        predict.main()
