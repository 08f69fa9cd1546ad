import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

pytest.importorskip("gradio", reason="Gradio is not installed: pip install '.[demo]'")

import httpx

JOIN, UPLOAD = "/gradio_api/queue/join", "/gradio_api/upload"
LARGE = {"files": ("large.bin", b"x" * 5_000_000)}
SERVER = """
from stages.demo import listen
from stages.demo_page.server import serve

with listen(0) as listening:
    print(listening.getsockname()[1], flush=True)
    serve(str.__add__, listening, language="ko")
"""


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Return a client of a running server; `base_url` is its page."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        env=os.environ | {"PYTHONPATH": str(ROOT), "GRADIO_ANALYTICS_ENABLED": "False"},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        port = int(server.stdout.readline())
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as one:
            yield one
        server.kill()


def own(client: httpx.Client) -> dict[str, str]:
    """Return what a browser says of a request by the page itself."""
    return {"origin": str(client.base_url), "sec-fetch-site": "same-origin"}


def refuses(client: httpx.Client, path: str, headers: dict[str, str]) -> bool:
    """Tell whether a large upload is refused; the server may hang up before it has read it."""
    try:
        return client.post(path, headers=headers, files=LARGE).status_code == 403
    except httpx.WriteError:
        return True


def test_the_page_is_served_and_may_post_to_its_queue(client: httpx.Client) -> None:
    assert client.get("/").status_code == 200
    assert client.post(JOIN, headers=own(client), json={}).status_code == 422  # no data in it


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://example.org"},
        {"origin": "http://127.0.0.1:8080"},  # another server of this machine
        {"origin": "http://localhost"},
        {"origin": "null"},  # a sandboxed frame
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_requests_of_other_pages_are_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.post(JOIN, headers=headers, json={}).status_code == 403
    assert refuses(client, UPLOAD, headers)
    assert client.get("/config", headers=headers).status_code == 403


def test_a_link_to_the_page_may_be_followed(client: httpx.Client) -> None:
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=followed).status_code == 200


@pytest.mark.parametrize("host", ["example.org", "192.168.0.1:7860", "127.0.0.1.example.org"])
def test_a_name_that_somebody_else_points_here_is_refused(client: httpx.Client, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("path", [UPLOAD, "/gradio_api/component_server", "/login", "/"])
def test_nothing_can_be_uploaded_even_by_the_page(client: httpx.Client, path: str) -> None:
    assert refuses(client, path, own(client))
    assert client.put(path, headers=own(client), content=b"x").status_code == 403
