"""The faults of the matrix that take a moment, by its own code; `make faults` tries them all."""

import argparse
import random
import signal
from functools import partial
from pathlib import Path

import pytest
import yaml

from faults.__main__ import MODULES, read_row, repeat
from faults.attempt import TRACEBACK, Attempt, Outcome, Row, Try, promise, try_one, try_row
from faults.damage import damage_rwlock, make_anew
from faults.disks import fill_up
from faults.kills import kill_dvc, kill_stage
from faults.pipeline import run_undisturbed
from faults.promotions import kill_writer
from faults.table import BEGIN, END, line, write
from tests.damage import half
from tests.full_disk import cannot_mount
from tests.tiny_repository import make_repository

STAGES = ("clean", "tokenize")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository whose pipeline ends with the tokens."""
    folder = make_repository(tmp_path_factory.mktemp("base"))
    content = yaml.safe_load((folder / "dvc.yaml").read_text(encoding="utf-8"))
    stages = {name: content["stages"][name] for name in STAGES}
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    return run_undisturbed(folder, STAGES)


@pytest.mark.parametrize(
    "fault",
    [
        partial(kill_stage, stage="tokenize", what=signal.SIGKILL),
        partial(kill_dvc, stage="tokenize", what=signal.SIGTERM),
        partial(kill_writer, what=signal.SIGKILL),
        partial(damage_rwlock, damage=half),
        partial(make_anew, name="clean"),
        partial(fill_up, stage="tokenize", share=(0.2, 0.9)),
    ],
    ids=["stage", "dvc", "promote", "rwlock", "damage", "disk"],
)
def test_a_fault_loses_nothing(base: Path, tmp_path: Path, fault: Try) -> None:
    if "fill_up" in str(fault) and cannot_mount(tmp_path):
        pytest.skip(f"a small disk cannot be mounted here: {cannot_mount(tmp_path)}")
    outcome = try_one(fault, Attempt(base, tmp_path, random.Random(0)))
    assert (outcome.lost, outcome.tracebacks) == ("", 0), outcome.line


def lose(one: Attempt) -> None:
    one.what = f"moment {one.chance.random()}"
    (one.folder / "output.txt").write_text(TRACEBACK, encoding="utf-8")
    promise(one.folder.parent.name == "kept", "params.yaml is half")


def test_what_is_lost_is_counted_and_comes_again_at_its_moment(tmp_path: Path) -> None:
    row = Row("a row", Path, lambda quick: [lose] * (2 if quick else 3))
    first, second = try_row("a", row, tmp_path, tmp_path / "one", seed=3, quick=True, only=None)
    assert (first.lost, first.tracebacks, first.tried) == ("params.yaml is half", 1, 1)
    assert first.what != second.what
    [again] = try_row("a", row, tmp_path, tmp_path / "two", seed=3, quick=True, only=1)
    assert again == second
    assert "LOST: params.yaml is half, 1 tracebacks" in again.line
    [kept] = try_row("a", row, tmp_path, tmp_path / "kept", seed=4, quick=True, only=1)
    assert (kept.lost, kept.what == second.what) == ("", False)


def test_the_table_has_a_line_for_each_row_in_their_order(tmp_path: Path) -> None:
    docs = tmp_path / "faults.md"
    docs.write_text(f"# Faults\n\n{BEGIN}\n{END}\n\nMore.\n", encoding="utf-8")
    kept, lost = Outcome(0, "a", 24, "", 0), Outcome(1, "b", 1, "half", 2)
    for name, outcomes in (("b", [kept]), ("a", [kept, lost]), ("b", [lost])):
        write(line(name, f"row {name}", outcomes, 0), ["a", "b"], docs)
    text = docs.read_text(encoding="utf-8")
    rows = [row.split(" | ")[:6] for row in text.splitlines() if row.startswith("| `")]
    assert rows == [
        ["| `a`", "row a", "25", "24", "1", "2"],
        ["| `b`", "b", "1", "0", "1", "2"],
    ]
    assert text.startswith("# Faults\n")
    assert text.endswith(f"{END}\n\nMore.\n")


@pytest.mark.parametrize("name", MODULES)
def test_every_row_is_found_and_its_quick_form_is_shorter(name: str) -> None:
    row = read_row(name)
    assert 0 < len(row.attempts(True)) <= len(row.attempts(False))


def test_what_was_lost_is_said_with_the_command_that_repeats_it() -> None:
    arguments = argparse.Namespace(seed=7, quick=False)
    lost = Outcome(5, "SIGKILL of train 1.20 s after its start", 1, "dvc.lock has other hashes", 0)
    assert repeat("stage", lost, arguments) == (
        "python -m faults stage --seed 7 --only 5   "
        "# SIGKILL of train 1.20 s after its start: dvc.lock has other hashes"
    )
