import socket
from collections.abc import Iterator

import pytest
from huggingface_hub import constants

from stages.model.pretrained import hub_answers, is_at_hand_only


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
