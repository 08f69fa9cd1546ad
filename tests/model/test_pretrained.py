import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from stages.model.pretrained import hub_answers, is_at_hand_only
from stages.params import Params
from tests.conftest import ROOT
from tests.model.folders import change_json


@pytest.fixture(autouse=True)
def forgetting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ask anew in each test, as if nothing had been said of being offline."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield
    hub_answers.cache_clear()
    is_at_hand_only.cache_clear()


def port(*, listening: bool) -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if listening:
            server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("listening", [True, False])
def test_a_hub_answers_where_it_takes_a_connection(
    monkeypatch: pytest.MonkeyPatch, listening: bool
) -> None:
    for number in port(listening=listening):
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{number}")
        hub_answers.cache_clear()
        assert hub_answers() is listening


def test_a_name_that_nobody_knows_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "https://hub.invalid")
    hub_answers.cache_clear()
    assert not hub_answers()


def test_the_proxy_on_the_way_is_asked_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://hub.invalid")
    for number in port(listening=True):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{number}")
        hub_answers.cache_clear()
        assert hub_answers()


def test_who_says_to_be_offline_is_not_asked_for_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in port(listening=True):
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{number}")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        hub_answers.cache_clear()
        assert not hub_answers()


def cached_hub(folder: Path, models: dict[str, Path]) -> None:
    """Write a cache of the hub's as its client does: commit → folder of the model; `main` last."""
    repository = folder / "hub/models--someone--bart"
    for commit, model in models.items():
        shutil.copytree(model, repository / "snapshots" / commit)
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs/main").write_text(commit, encoding="ascii")


def test_a_commit_of_the_hub_is_read_and_stands_on_the_card(
    project: Path, untrained: Path, change: Callable[..., Params], rewrite: Callable[[Params], None]
) -> None:
    old, new = "1" * 40, "2" * 40
    changed = project / "changed"
    shutil.copytree(untrained, changed)
    change_json(changed / "config.json", max_position_embeddings=7)  # its weights do not fit it
    cached_hub(project / "cache", {old: untrained, new: changed})
    small = ("tokenize.max_target_tokens", 16, "train.max_steps", 1)
    environment = {"PYTHONPATH": str(ROOT), "HF_HOME": str(project / "cache")}

    def run(stage: str) -> str:
        command = [sys.executable, "-m", f"stages.{stage}"]
        return subprocess.run(
            command,
            env=os.environ | environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        ).stderr

    rewrite(change("model.name", "someone/bart", "model.revision", "", *small))
    assert "someone/bart takes at most 7 tokens" in run("tokenize")
    rewrite(change("model.name", "someone/bart", "model.revision", "3" * 40, *small))
    assert f"model.name: someone/bart@{'3' * 40} cannot be loaded" in run("tokenize")
    rewrite(change("model.name", "someone/bart", "model.revision", old, *small))
    assert run("tokenize") == run("train") == ""
    card = (project / "models/summarizer/README.md").read_text(encoding="utf-8")
    assert f"Fine-tuned from `someone/bart@{old}`" in card
    assert "base_model: someone/bart\n" in card
    rewrite(change("model.name", "changed", "model.revision", old, *small))
    assert "model.revision: changed is a folder" in run("tokenize")
