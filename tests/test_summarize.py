import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from stages import paths, summarize
from stages.command.errors import UserError
from stages.experiments.hashes import hash_of
from stages.experiments.lock_file import parse_lock
from stages.model.seq2seq import build_model
from stages.model.trained import save_model
from stages.params import Params
from tests.repository import ROOT

CHAT = "민수: 내일 도서관에 갈까?\n지영: 아홉 시에 보자.\n---\n#Person1#: 어디가 아프세요?\n"


@pytest.fixture
def trained(project: Path, tokenizer: Tokenizer, tokenizer_folder: Path, tiny: Params) -> Path:
    """Return the project with an untrained model as its summarizer."""
    shutil.copytree(tokenizer_folder, paths.SUMMARIZER)
    model = build_model(tiny.model, tokenizer=tokenizer, positions=64, seed=0)
    save_model(model, paths.SUMMARIZER, max_new_tokens=12)
    return project


@pytest.fixture
def run_summarize(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """Return the function that runs the command and returns the lines it printed."""

    def run(*arguments: str, typed: bytes = b"") -> list[str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["summarize", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        summarize.main()
        return capsys.readouterr().out.splitlines()

    return run


@pytest.mark.usefixtures("trained")
def test_a_file_and_standard_input_give_a_line_for_each_dialogue(
    run_summarize: Callable[..., list[str]],
) -> None:
    Path("chat.txt").write_text(CHAT, encoding="utf-8")
    lines = run_summarize("chat.txt")
    assert len(lines) == 2
    assert all(lines)
    assert run_summarize("-", typed=CHAT.encode()) == lines
    assert run_summarize(typed=CHAT.replace("\n", "\r\n").encode("utf-8-sig")) == lines


@pytest.mark.usefixtures("trained")
def test_json_says_what_was_read(run_summarize: Callable[..., list[str]]) -> None:
    first, second = map(json.loads, run_summarize("--json", typed=CHAT.encode()))
    assert first["names"] == {"#Person1#": "민수", "#Person2#": "지영"}
    assert "#Person1#" not in first["summary"]
    assert second["names"] == {}
    assert (second["source"], second["dialogue"], second["cut"]) == ("-", 2, False)
    assert set(first) == {
        "source", "dialogue", "summary", "names", "tokens", "turns_left_out", "cut",
    }  # fmt: skip


@pytest.mark.usefixtures("trained")
def test_csv_is_a_data_set_with_tags_in_both_texts(
    run_summarize: Callable[..., list[str]],
) -> None:
    Path("점심모임.txt").write_text(CHAT, encoding="utf-8")
    rows = list(csv.DictReader(run_summarize("점심모임.txt", "--csv")))
    assert [row["fname"] for row in rows] == ["점심모임_1", "점심모임_2"]
    assert list(rows[0]) == ["fname", "dialogue", "summary", "topic"]
    assert rows[0]["dialogue"].startswith("#Person1#: 내일 도서관에 갈까?")
    assert not any("민수" in row["summary"] or "지영" in row["summary"] for row in rows)
    assert run_summarize("--csv", typed=CHAT.encode())[1].startswith("dialogue_1,")


@pytest.mark.usefixtures("trained")
def test_what_of_an_export_was_left_out_is_told_once(
    run_summarize: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    export = "산악회 님과 카카오톡 대화\n[보라] [오전 7:58] 봐요\n[솔] [오전 8:01] 사진\n"
    [line] = run_summarize("--json", typed=export.encode("cp949"))
    assert json.loads(line)["names"] == {"#Person1#": "보라"}
    encoding, left_out = said.getvalue().splitlines()
    assert encoding == (
        "note: standard input: byte 0xbb in line 1 is not UTF-8; it reads as CP949, and is read so"
    )
    assert left_out == (
        "note: standard input, dialogue 1: read as KakaoTalk's export of a computer; left out: "
        "header lines (1), photos, files or other media (1)"
    )


@pytest.mark.usefixtures("trained")
def test_of_more_speakers_than_masks_it_says_so(
    run_summarize: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    crowd = "\n".join(f"손님{c}: 네." for c in "가나다라마바사아")
    assert len(run_summarize(typed=crowd.encode())) == 1
    assert "dialogue 1: 8 speakers, and the masks end with #Person7#" in said.getvalue()


@pytest.mark.usefixtures("trained")
def test_of_a_long_dialogue_it_says_what_was_left_out(
    run_summarize: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    typed = "민수: 아홉 시에 정문에서 보자.\n지영: 응.\n" * 4000
    assert len(typed) > 100_000
    assert len(run_summarize(typed=typed.encode())) == 1
    *_, last = said.getvalue().splitlines()
    assert last.startswith("note: standard input, dialogue 1: the model reads ")
    assert "turns were left out" in said.getvalue()


@pytest.mark.usefixtures("trained")
def test_of_tags_and_names_together_it_says_how_they_were_read(
    run_summarize: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    run_summarize(typed="#Person1#: 아홉 시에 보자.\n민수: 응.\n".encode())
    assert "lines of 민수 were read as part of the turn above" in said.getvalue()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (b"", "standard input has no dialogue; write one turn a line, such as"),
        (b" \n---\n \n", "standard input has no dialogue"),
        ("안녕하세요.".encode(), "standard input: nobody speaks in '안녕하세요.'"),
        ("민수: 네.\n---\n네.".encode(), "standard input, dialogue 2: nobody speaks in '네.'"),
        (b"\x89PNG\r\n", r"standard input is not UTF-8 text \(byte 1\)"),
        (b"a\0: b", "standard input has NUL bytes"),
        (b"a: b\n" * 250_000, "standard input has more than 1,000,000 bytes"),
    ],
)
@pytest.mark.usefixtures("trained")
def test_bad_input_is_one_sentence(
    run_summarize: Callable[..., list[str]], typed: bytes, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        run_summarize(typed=typed)


@pytest.mark.usefixtures("trained")
def test_a_missing_file_is_one_sentence(run_summarize: Callable[..., list[str]]) -> None:
    with pytest.raises(UserError, match=r"none\.txt cannot be read: No such file"):
        run_summarize("none.txt")


@pytest.mark.usefixtures("project")
def test_without_a_model_the_command_that_makes_it_is_named(
    run_summarize: Callable[..., list[str]],
) -> None:
    with pytest.raises(UserError, match="It gets written by: dvc repro train"):
        run_summarize(typed=CHAT.encode())


def test_the_example_of_the_readme_prints_what_the_readme_says() -> None:
    model, lock = ROOT / paths.SUMMARIZER, parse_lock((ROOT / "dvc.lock").read_bytes())
    if not model.exists() or hash_of(model) != lock.output_hash(str(paths.SUMMARIZER)):
        pytest.skip("models/summarizer is not the one of dvc.lock: dvc pull, or dvc repro")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"summarize - <<END\n(.*?)END\n```\n\n```\n(.*?)```", readme, re.DOTALL)
    assert found
    ended = subprocess.run(
        [sys.executable, "-m", "stages.summarize", "-"],
        cwd=ROOT,
        input=found[1],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert ended.stdout == found[2]
