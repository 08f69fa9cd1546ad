"""Reading YAML as DVC does, which decides what a value in params.yaml is.

YAML 1.2: `1e-05`, as DVC writes it, is a number, `010` is ten, and `yes` is a word.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

from stages.command.errors import UserError
from stages.command.files import reading

LONGEST = 50_000
"""Characters of a file that people write; ruamel.yaml reads 30,000 in a second."""
LARGEST = 100_000
"""Values of a text, of which an alias stands for as many as its anchor has."""


class NotYamlError(ValueError):
    """A text is no YAML, or has a value that cannot be made, such as the 30th of February."""


class _Bounded(SafeConstructor):
    """Makes no value of a text whose aliases and merge keys stand for millions of others."""

    def construct_document(self, node: Node) -> Any:
        if _size(node, {}) > LARGEST:
            raise NotYamlError(f"its aliases make more than {LARGEST:,} values of it")
        return super().construct_document(node)


def parse_yaml(content: str) -> Any:
    """Return what YAML says, such as a dvc.lock of another revision; raises `NotYamlError`."""
    parser = YAML(typ="safe")
    parser.Constructor = _Bounded
    try:
        return parser.load(content)
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
    """Return what people wrote; raises `UserError` where it is missing, no YAML or endless."""
    try:
        text = path.read_text(encoding="utf-8")
        if len(text) > LONGEST:
            raise UserError(f"{path} has {len(text):,} characters, at most {LONGEST:,} are read")
        return parse_yaml(text)
    except FileNotFoundError:
        raise UserError(f"{path} is missing; run this in the folder that has dvc.yaml") from None
    except ValueError as error:  # NotYamlError, or bytes that are no UTF-8
        raise UserError(f"{path} is not YAML: {error}") from None


def _size(node: Node, known: dict[int, float]) -> float:
    """Return how many values a node makes where each alias is written out."""
    if not isinstance(node, CollectionNode):
        return 1
    if id(node) not in known:
        known[id(node)] = float("inf")  # until it is counted: an alias within its own anchor
        pairs = node.value if isinstance(node, MappingNode) else [(one,) for one in node.value]
        known[id(node)] = 1 + sum(_size(one, known) for pair in pairs for one in pair)
    return known[id(node)]
