"""Files between the stages, damaged: every command ends in one sentence with the way out."""

import random
import shutil
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from stages import evaluate, report
from stages.command.errors import UserError
from tests.damage import CASES, Damage, check_sentence, damage_file, flip


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


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_a_damaged_file_is_named_with_the_command_that_makes_it_anew(
    project: Path, name: str, damage: Damage
) -> None:
    damage_file(project / name, damage)
    check_sentence(name)


@pytest.mark.parametrize("name", ["data/clean/dev.parquet", "data/tokens/dev.parquet"])
def test_flipped_bits_of_parquet_are_a_sentence_or_harmless(project: Path, name: str) -> None:
    chance = random.Random(0)
    whole = (project / name).read_bytes()
    refused = []
    for _ in range(60):
        (project / name).write_bytes(flip(whole, chance))
        try:
            evaluate.read_records(evaluate.CLEAN / "dev.parquet")
            report.token_column("dev", "truncated")
        except UserError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert all(said.startswith(f"{name} cannot be read (") for said in refused)
