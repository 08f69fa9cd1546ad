"""Other values in params.yaml, and not one other byte of it changed."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from stages.command.errors import UserError
from stages.command.files import whole_file
from stages.command.yaml_file import NotYamlError, parse_yaml
from stages.params import Value, flatten

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_NOT_STRINGS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def set_values(text: str, values: Mapping[str, Value]) -> str:
    r"""Return the YAML text with other scalars; comments, order, quotes and layout stay.

    >>> set_values("train:\n  lr: 1.0e-3  # peak\n", {"train.lr": 5e-5})
    'train:\n  lr: 5.0e-5  # peak\n'
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    spans = []
    for key, value in values.items():
        node = _find(root, key)
        spans.append((node.start_mark.index, node.end_mark.index, scalar(value, node.style)))
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def write_values(path: Path, values: Mapping[str, Value]) -> None:
    """Put other values into a params.yaml; a reader sees the old file or the new one."""
    before = path.read_bytes().decode("utf-8")
    text = set_values(before, values)
    if _flat(text) != {**(_flat(before) or {}), **values}:
        raise UserError(
            f"{path} has anchors, aliases or blocks among the values of {', '.join(values)}, which "
            "cannot be replaced; write plain values there"
        )
    with whole_file(path) as draft:
        draft.write_bytes(text.encode("utf-8"))


def _flat(text: str) -> dict[str, Value] | None:
    try:
        return flatten(parse_yaml(text))
    except NotYamlError:
        return None


def scalar(value: Value, style: str | None = None) -> str:
    """Return a value as YAML 1.1 and 1.2 both read it; `style` is the quote that stood there.

    >>> scalar(1e-05), scalar(0.1), scalar("sgd"), scalar("no")
    ('1.0e-5', '0.1', 'sgd', '"no"')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        mantissa, e, exponent = repr(value).partition("e")
        whole = mantissa if "." in mantissa else f"{mantissa}.0"
        return f"{whole}e{int(exponent):+d}" if e else whole
    if isinstance(value, str):
        if style == "'":
            return "'" + value.replace("'", "''") + "'"
        plain = _PLAIN.fullmatch(value) and value.lower() not in _NOT_STRINGS
        return value if plain and style is None else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def _find(root: yaml.Node | None, key: str) -> yaml.ScalarNode:
    node = root
    for part in key.split("."):
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in pairs if name.value == part), None)
    if not isinstance(node, yaml.ScalarNode):
        raise UserError(f"params.yaml has no single value at {key}; write it there first")
    return node
