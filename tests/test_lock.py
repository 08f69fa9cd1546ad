"""requirements.lock has every package that is needed, and no other, for each Python."""

import subprocess
import sys

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
