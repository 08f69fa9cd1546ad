"""Reading YAML as DVC does, which decides what a value in params.yaml is.

YAML 1.2: `1e-05`, as DVC writes it, is a number, `010` is ten, and `yes` is a word.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.command.errors import UserError
from stages.command.files import reading


class NotYamlError(ValueError):
    """A text is no YAML, or has a value that cannot be made, such as the 30th of February."""


def parse_yaml(content: str) -> Any:
    """Return what YAML says, such as a dvc.lock of another revision; raises `NotYamlError`."""
    try:
        return YAML(typ="safe").load(content)
    except (YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise NotYamlError(" ".join(str(error).split())[:300]) from None


def read_mapping(path: Path, *, made_by: str, has: Collection[str]) -> dict[str, Any]:
    """Read a YAML mapping that a stage wrote; `has` are keys without which it is damaged."""
    with reading(path, made_by=made_by):
        content = parse_yaml(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not content.keys() >= set(has):
            raise NotYamlError(f"no mapping of {', '.join(has)}")
        return content


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; raises `UserError` where it is missing or no YAML."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing; run this in the folder that has dvc.yaml") from None
    except ValueError as error:  # NotYamlError, or bytes that are no UTF-8
        raise UserError(f"{path} is not YAML: {error}") from None
