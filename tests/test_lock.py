"""requirements.lock has every package that is needed, and no other, for each Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_the_lock_is_what_make_lock_writes() -> None:
    done = subprocess.run(
        [sys.executable, "packaging/lock.py"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_an_installation_says_its_size_and_what_failed(
    tmp_path: Path,
) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "새 파이썬"
    python.symlink_to(sys.executable)
    done = subprocess.run(
        ["make", "repro", f"PYTHON={python}"],
        cwd=tmp_path,
        env=os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode != 0
    assert "GB and 3 to 10 minutes" in done.stdout
    assert "PIP_EXTRA_INDEX_URL" in done.stdout
    assert "hatchling" in done.stderr  # the first that cannot be had
    assert not (tmp_path / ".venv/installed").exists()
