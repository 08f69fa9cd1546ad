"""Files between the stages, damaged: every command ends in one sentence with the way out."""

import random
import re
import shutil
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest

from stages import evaluate, predict, report, tokenize, train
from stages.command.errors import UserError

READ_BY: dict[str, tuple[Callable[[], None], str]] = {
    "data/clean/train.parquet": (tokenize.main, "dvc repro clean"),
    "data/clean/dev.parquet": (report.main, "dvc repro clean"),
    "data/tokens/train.parquet": (train.main, "dvc repro tokenize"),
    "data/tokens/dev.parquet": (evaluate.main, "dvc repro tokenize"),
    "data/tokens/tokenizer/tokenizer.json": (train.main, "dvc repro"),
    "data/predictions/scored/dev.csv": (report.main, "dvc repro evaluate"),
    "models/summarizer/model.safetensors": (evaluate.main, "dvc repro train"),
    "models/summarizer/config.json": (evaluate.main, "dvc repro train"),
    "models/summarizer/tokenizer_config.json": (evaluate.main, "dvc repro train"),
    "models/summarizer/tokenizer.json": (predict.main, "dvc repro train"),
    "metrics/clean.json": (train.main, "dvc repro clean"),
    "metrics/evaluate.json": (report.main, "dvc repro evaluate"),
    "metrics/floors.json": (report.main, "dvc repro evaluate"),
    "metrics/train/loss.csv": (report.main, "dvc repro train"),
    "metrics/compare.json": (report.main, "python -m stages.compare --report"),
    "metrics/tune/best.yaml": (report.main, "dvc checkout --force metrics/tune"),
}
"""File → what reads it, and the command that makes it anew."""


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def empty(content: bytes) -> bytes:
    return content[:0]


def null(content: bytes) -> bytes:
    return content[:0] + b"null\n"


def in_conflict(content: bytes) -> bytes:
    return b"<<<<<<< HEAD\n" + content + b"=======\n" + content + b">>>>>>> other\n"


@pytest.fixture(scope="module")
def scored(trained_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scored") / "project"
    shutil.copytree(trained_folder, folder)
    with chdir(folder):
        evaluate.main()
        Path("metrics/compare.json").write_text('{"rows": []}', encoding="utf-8")
        Path("metrics/tune").mkdir()
    return folder


@pytest.fixture
def project(scored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(scored, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["a stage"])
    return tmp_path


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (name, damage)
        for name in READ_BY
        for damage in (half, empty, null, in_conflict)
        # A table may have the one column `null` and no row, and rows are quoted over lines.
        if not (name.endswith(".csv") and damage in (null, in_conflict))
    ],
)
def test_a_damaged_file_is_named_with_the_command_that_makes_it_anew(
    project: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    read, command = READ_BY[name]
    file = project / name
    file.write_bytes(damage(file.read_bytes() if file.exists() else b"values: {}\n"))
    with pytest.raises(UserError) as error:
        read()
    said = str(error.value)
    assert said.startswith(f"{name} cannot be read (")
    assert re.fullmatch(rf".*\); it gets written anew by: {re.escape(command)}", said)
    assert len(said) < 450


@pytest.mark.parametrize("name", ["data/clean/dev.parquet", "data/tokens/dev.parquet"])
def test_flipped_bits_of_parquet_are_a_sentence_or_harmless(project: Path, name: str) -> None:
    chance = random.Random(0)
    whole = (project / name).read_bytes()
    refused = []
    for _ in range(60):
        flipped = bytearray(whole)
        for _ in range(2):
            flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        (project / name).write_bytes(flipped)
        try:
            evaluate.read_records(evaluate.CLEAN / "dev.parquet")
            report.token_column("dev", "truncated")
        except UserError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert all(said.startswith(f"{name} cannot be read (") for said in refused)
