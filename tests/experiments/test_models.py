import hashlib
import json
from pathlib import Path

import pytest

from stages.command.errors import UserError
from stages.experiments.listing import Experiment
from stages.experiments.lock_file import NOTHING_RAN, Lock
from stages.experiments.models import restore_folder

FILES = {"config.json": b"{}", "parts/weights": b"\x00\x01"}


def cached(content: bytes, suffix: str = "") -> str:
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest() + suffix
    path = Path(".dvc/cache/files/md5") / md5[:2] / md5[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return md5


def experiment(lock: Lock) -> Experiment:
    return Experiment(
        name="grid-1",
        rev="1234567",
        kind="experiment",
        state="done",
        params={},
        metrics={},
        lock=lock,
        stale=False,
        created="",
        error="",
    )


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    monkeypatch.chdir(tmp_path)
    listing = [{"md5": cached(content), "relpath": name} for name, content in FILES.items()]
    md5 = cached(json.dumps(listing).encode(), ".dir")
    return experiment(Lock({}, {}, {"train": {"models/summarizer": md5}}))


def test_an_output_comes_back_beside_the_workspace(trained: Experiment) -> None:
    restore_folder(trained, "models/summarizer", Path("restored"))
    files = [path for path in Path("restored").rglob("*") if path.is_file()]
    assert {str(p.relative_to("restored")): p.read_bytes() for p in files} == FILES
    assert not Path("models").exists()


@pytest.mark.usefixtures("trained")
def test_an_experiment_that_did_not_train_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"grid-1 \(done\) has no models/summarizer"):
        restore_folder(experiment(NOTHING_RAN), "models/summarizer", Path("restored"))


def test_weights_that_the_cache_has_lost_are_one_sentence(trained: Experiment) -> None:
    md5 = hashlib.md5(b"\x00\x01", usedforsecurity=False).hexdigest()
    (Path(".dvc/cache/files/md5") / md5[:2] / md5[2:]).unlink()
    with pytest.raises(UserError, match="no longer holds models/summarizer of experiment grid-1"):
        restore_folder(trained, "models/summarizer", Path("restored"))
