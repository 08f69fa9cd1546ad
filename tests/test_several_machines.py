"""The examples of docs/several-machines.md are what their readers can read, and what we have."""

import re
import shlex
import subprocess
from typing import Any

import pytest
import yaml
from dvc.cli import parse_args
from sqlalchemy import make_url

from stages.params import Params
from stages.search.storage import DATABASES
from tests.repository import ROOT

PAGE = (ROOT / "docs/several-machines.md").read_text(encoding="utf-8")


def block(language: str, begin: str) -> str:
    """Return the block of code that begins so."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    [one] = [body for body in found if body.startswith(begin)]
    return str(one)


@pytest.fixture(scope="module")
def script() -> str:
    return block("bash", "#!/bin/bash")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(block("yaml", "services:"))["services"]
    return found


def test_bash_reads_the_array(script: str) -> None:
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    asked = re.findall(r"^#SBATCH (.*)", script, re.MULTILINE)
    options = dict(part.split("=", 1) for part in shlex.split(" ".join(asked)))
    assert options.keys() >= {"--array", "--gres", "--time"}
    assert all(name.startswith("--") for name in options)


def test_dvc_reads_what_the_array_runs_and_its_params_exist(script: str) -> None:
    lines = [line for line in script.splitlines() if line.startswith("dvc ")]
    parsed = [parse_args(shlex.split(line, comments=True)[1:]) for line in lines]
    [search] = [one for one in parsed if "set_param" in one]
    assert search.targets == ["tune"]
    for name, _ in (pair.split("=") for pair in search.set_param):
        section: Any = Params
        for part in name.split("."):
            section = section.model_fields[part].annotation
    assert len(parsed) == 4


def test_the_workers_and_the_dashboard_reach_the_database(services: dict[str, Any]) -> None:
    database = services["postgres"]["environment"]
    [told] = re.findall(r"`TUNE_STORAGE=(postgresql\S+)`", PAGE)
    urls = [make_url(told), make_url(services["dashboard"]["environment"]["STORAGE"])]
    assert {url.get_backend_name() for url in urls} <= DATABASES
    assert {url.get_driver_name() for url in urls} == {"psycopg"}
    assert {(url.username, url.database) for url in urls} == {
        (database["POSTGRES_USER"], database["POSTGRES_DB"])
    }
    assert urls[1].host in services
    assert services["dashboard"]["depends_on"] == [urls[1].host]


def test_the_dashboard_is_open_to_this_machine_alone(services: dict[str, Any]) -> None:
    assert [port.split(":")[0] for port in services["dashboard"]["ports"]] == ["127.0.0.1"]
