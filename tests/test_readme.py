"""What the README says of the params and the commands is what the code has."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from stages.params import Params

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def described(section: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every key of params.yaml with its meaning, on one line."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from described(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", " ".join((field.description or "").split())


def test_the_table_of_parameters_is_the_schema() -> None:
    _, _, section = README.partition("## Every parameter")
    rows = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", section, re.MULTILINE)
    assert rows == list(described(Params))


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m (stages\.[a-z]+)", README))))
def test_a_module_that_the_readme_runs_exists(module: str) -> None:
    assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"[`\n]make ([a-z]+)", README))))
def test_a_target_that_the_readme_makes_exists(target: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
