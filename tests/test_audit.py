"""What `make audit` makes of pip-audit's report; the reports are real ones, cut short."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

CLEAN = {"name": "dvc", "version": "3.67.1", "vulns": []}
HOLED = {
    "name": "requests",
    "version": "2.31.0",
    "vulns": [{"id": "CVE-2024-35195", "fix_versions": ["2.32.0"], "aliases": []}],
}
UNKNOWN = {"name": "absl-py", "skip_reason": "Dependency not found on PyPI"}


@pytest.fixture
def audit() -> Any:
    spec = spec_from_file_location("audit", ROOT / "packaging/audit.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("dependencies", "said"),
    [
        ([CLEAN], ""),
        ([CLEAN, HOLED], "requests 2.31.0: CVE-2024-35195, mended in 2.32.0"),
        (
            [CLEAN, UNKNOWN],
            (
                "of 1 of 2 versions PyPI's JSON API says nothing (Dependency not found on PyPI); "
                "run this where it can be reached"
            ),
        ),
    ],
)
def test_a_hole_or_a_version_that_nobody_knows_is_no_clean_bill(
    audit: Any, dependencies: list[dict[str, object]], said: str
) -> None:
    assert audit.verdict({"dependencies": dependencies}) == said


def test_a_report_that_does_not_come_is_a_sentence(tmp_path: Path) -> None:
    program = tmp_path / "pip-audit"
    program.write_text("#!/bin/sh\necho 'no such host' >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    command = [sys.executable, ROOT / "packaging/audit.py", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert done.stderr == "error: pip-audit gave no report; it said: no such host\n"
