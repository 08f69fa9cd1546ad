"""Reading YAML as DVC writes it: the floats of YAML 1.2, no key twice."""

import re
from pathlib import Path
from typing import Any

import yaml

from stages.command.errors import UserError


class _Loader(yaml.SafeLoader):
    """YAML 1.2 floats: DVC writes `1e-05`, which YAML 1.1 takes for a string."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(
                    problem=f"{key} stands twice", problem_mark=node.start_mark
                )
        return super().construct_mapping(node, deep)


_FLOAT = "tag:yaml.org,2002:float"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _FLOAT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    _FLOAT,
    re.compile(
        r"""^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?
        |[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$""",
        re.VERBOSE,
    ),
    list("-+0123456789."),
)


def parse_yaml(content: str) -> Any:
    """Return what YAML says, such as a dvc.lock of another revision."""
    return yaml.load(content, _Loader)  # noqa: S506 (a SafeLoader)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; raises `UserError` where it is missing or no YAML."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing; run this in the folder that has dvc.yaml") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
