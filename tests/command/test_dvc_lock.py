import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stages.command.dvc_lock import is_orphan, mend
from tests.repository import dvc, start_git
from tests.tiny_repository import started, wait_for

ROOT = Path(__file__).resolve().parents[2]

SLOW = """
import os, pathlib, sys, time
sys.path.insert(0, "ROOT")
pathlib.Path("began").write_text(str(os.getpid()))
while not pathlib.Path("go").exists():
    time.sleep(0.05)  # what importing takes
from stages.command.entry import run
run(lambda: pathlib.Path("ended").touch())
"""


def lock_of(*processes: int) -> str:
    content = {"write": {f"/out{p}": {"pid": p, "cmd": "dvc repro"} for p in processes}}
    return json.dumps(content)


@pytest.fixture
def tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return DVC's folder for what does not last."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvc/tmp").mkdir(parents=True)
    return tmp_path / ".dvc/tmp"


def test_a_process_is_an_orphan_where_no_holder_is_its_ancestor(tmp: Path) -> None:
    assert not is_orphan()
    for written, orphan in [
        (lock_of(os.getppid()), False),
        (lock_of(os.getppid(), 2**22 + 1), False),
        (lock_of(2**22 + 1), True),
        (lock_of(), False),
        ("{", False),
    ]:
        (tmp / "rwlock").write_text(written, encoding="utf-8")
        assert is_orphan() is orphan, written


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"write": {"/out": 3}}', "\0\0"])
def test_a_torn_lock_is_removed_and_a_whole_one_is_not(tmp: Path, torn: str) -> None:
    (tmp / "rwlock").write_text(lock_of(1), encoding="utf-8")
    assert not mend()
    (tmp / "rwlock").write_text(torn, encoding="utf-8")
    assert mend()
    assert not (tmp / "rwlock").exists()
    assert not mend()


def start_slow(folder: Path) -> None:
    """Make a repository whose only stage takes a while before it runs."""
    start_git(folder)
    dvc(folder, "init", "--quiet")
    (folder / "slow.py").write_text(SLOW.replace("ROOT", str(ROOT)), encoding="utf-8")
    (folder / "dvc.yaml").write_text(
        "stages:\n  slow:\n    cmd: python slow.py\n    deps: [slow.py]\n    outs: [ended]\n",
        encoding="utf-8",
    )


def test_dvc_that_cannot_read_its_lock_comes_through_once_it_is_mended(tmp_path: Path) -> None:
    start_slow(tmp_path)
    (tmp_path / "go").touch()
    (tmp_path / ".dvc/tmp").mkdir(exist_ok=True)
    (tmp_path / ".dvc/tmp/rwlock").write_text('{"write": {"/o', encoding="utf-8")
    assert "RWLock-file" in dvc(tmp_path, "repro", fails=True)
    command = [sys.executable, "-m", "stages.command.dvc_lock"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert b"was torn" in said.stdout
    dvc(tmp_path, "repro")


def test_a_stage_whose_dvc_is_killed_while_it_imports_does_nothing(tmp_path: Path) -> None:
    start_slow(tmp_path)
    with started(tmp_path, "-m", "dvc", "repro") as repro:
        wait_for((tmp_path / "began").exists)
        repro.kill()
        repro.wait()
    stage = int((tmp_path / "began").read_text(encoding="utf-8"))
    (tmp_path / "go").touch()
    wait_for(lambda: not Path(f"/proc/{stage}").exists() or "Z" in state(stage), seconds=20)
    assert not (tmp_path / "ended").exists()


def state(process: int) -> str:
    try:
        return (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        )
    except FileNotFoundError:
        return "Z"
