import hashlib
import json
from pathlib import Path

import pytest

from stages.command import entry
from stages.command.outputs import changed_output


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a file and a folder, as dvc.lock has them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metrics").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "metrics/floors.json").write_bytes(b"{}")
    (tmp_path / "models/weights").write_bytes(b"weights")
    listing = json.dumps([{"md5": md5(b"weights"), "relpath": "weights"}]).encode()
    cached = tmp_path / ".dvc/cache/files/md5" / md5(listing)[:2] / f"{md5(listing)[2:]}.dir"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(listing)
    (tmp_path / "dvc.lock").write_text(
        f"stages:\n  train:\n    outs:\n    - {{path: models, md5: {md5(listing)}.dir}}\n"
        f"  evaluate:\n    outs:\n    - {{path: metrics/floors.json, md5: {md5(b'{}')}}}\n",
        encoding="utf-8",
    )
    return tmp_path


@pytest.mark.parametrize(
    ("name", "stage"), [("metrics/floors.json", "evaluate"), ("models/weights", "train")]
)
def test_the_file_that_was_changed_is_found_with_its_stage(
    recorded: Path, name: str, stage: str
) -> None:
    assert changed_output() is None
    (recorded / name).write_bytes(b"flipped")
    assert changed_output() == (Path(name), stage)
    (recorded / name).unlink()
    assert changed_output() is None


def test_a_traceback_over_a_damaged_file_is_a_sentence(
    recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def main() -> None:
        raise KeyError("rouge_mean")

    with pytest.raises(KeyError):  # a fault of ours stays one
        entry.run(main)
    (recorded / "metrics/floors.json").write_bytes(b"{ }")
    sentence = r"KeyError: 'rouge_mean', and metrics/floors\.json .* anew by: dvc repro evaluate"
    with pytest.raises(SystemExit, match=sentence):
        entry.run(main)
    monkeypatch.setenv("DVC_STAGE", "evaluate")  # DVC has looked at what is read
    with pytest.raises(KeyError):
        entry.run(main)


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        (None, "is missing; all gets written anew by: dvc repro$"),
        ("", "cannot be read; all gets written anew by: rm dvc.lock; dvc repro"),
        ("<<<<<<< HEAD\n", "cannot be read; all gets written anew by: rm dvc.lock; dvc repro"),
        ("[]", "cannot be read; all gets written anew by: rm dvc.lock; dvc repro"),
    ],
)
def test_a_dvc_lock_that_tells_nothing_is_said_to(
    recorded: Path, lock: str | None, said: str
) -> None:
    def main() -> None:
        raise KeyError("rouge_mean")

    (recorded / "dvc.lock").unlink()
    if lock is not None:
        (recorded / "dvc.lock").write_text(lock, encoding="utf-8")
    assert changed_output() is None
    with pytest.raises(KeyError):  # no project: nothing of it can be damaged
        entry.run(main)
    (recorded / "dvc.yaml").touch()
    with pytest.raises(SystemExit, match=f"dvc.lock, which tells what is damaged, {said}"):
        entry.run(main)
