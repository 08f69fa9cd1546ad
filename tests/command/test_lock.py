import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages.command.errors import UserError
from stages.command.lock import held, only_one

ROOT = Path(__file__).resolve().parents[2]

HOLD = """
import pathlib, sys, time
from stages.command.lock import only_one
with only_one("train", pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(folder: Path) -> "subprocess.Popen[str]":
    """Return a process that holds the lock of `train`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_holds_the_lock_until_that_is_killed(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        try:
            held = pytest.raises(UserError, match=rf"train is already .* \(process {first.pid}\)")
            with held, only_one("train", tmp_path):
                pytest.fail("two at a time")
            with only_one("evaluate", tmp_path):
                pass
        finally:
            first.kill()
            first.wait()
        with only_one("train", tmp_path):
            assert (tmp_path / "train.lock").read_text() == str(os.getpid())


def test_a_folder_is_held_by_one_process_and_is_free_when_it_is_killed(tmp_path: Path) -> None:
    code = HOLD.replace('only_one("train", ', "held(").replace("only_one", "held")
    folder = tmp_path / "training"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == "held\n"
        (folder / "checkpoint").touch()
        with held(folder) as is_ours:
            assert not is_ours
        first.kill()
    with held(folder) as is_ours:
        assert is_ours
        assert (folder / "checkpoint").exists()
        shutil.rmtree(folder)
        folder.mkdir()  # of another process
        with held(folder) as is_theirs:
            assert is_theirs
    assert not folder.exists()


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), only_one("train", tmp_path):
        _ = 1 / 0
    with only_one("train", tmp_path):
        pass
