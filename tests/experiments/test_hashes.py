import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stages.experiments.hashes import hash_of


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a DVC project with a folder in which not everything counts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvcignore").write_text("__pycache__\n*.pyc\n", encoding="utf-8")
    for name in ("b.py", "a.py", "a/요약.txt", "a.b/c.py", "__pycache__/b.pyc", "a/old.pyc"):
        (tmp_path / "code" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / name).write_text(name, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "--quiet"], check=True)
    return tmp_path


@pytest.mark.parametrize("name", ["code", "code/b.py"])
def test_a_hash_is_that_of_dvc(project: Path, name: str) -> None:
    subprocess.run([sys.executable, "-m", "dvc", "add", "--quiet", name], check=True)
    (out,) = yaml.safe_load((project / f"{name}.dvc").read_text(encoding="utf-8"))["outs"]
    assert hash_of(Path(name)) == out["md5"]


def test_what_is_ignored_makes_no_other_hash_and_a_new_file_does(project: Path) -> None:
    before = hash_of(Path("code"))
    (project / "code/a/new.pyc").write_text("x", encoding="utf-8")
    assert hash_of(Path("code")) == before
    (project / "code/a/new.py").write_text("x", encoding="utf-8")
    assert hash_of(Path("code")) != before
