"""Print requirements.lock: the versions, as they are installed here, of all that yoyak needs.

Started from the root of the clone, in its environment, by `make lock`. Every Python prints the same
file: what only some need has its marker, and a line whose marker leaves this Python out is kept as
it stands, as are those of the extras `quantize` and `smollm`, which only some install. torch's CUDA
is left out: torch says which versions, and a build for the CPU has none.
"""

import sys
import tomllib
from collections import defaultdict
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path("requirements.lock")
HEADER = "# Every version that is installed, as a constraints file; `make lock` writes it.\n"
ELSEWHERE = ("bitsandbytes", "gguf")
"""What only some machines install: a line that is there stays as it is."""
CUDA = ("nvidia-", "cuda-", "triton")


def main() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    asked = [Requirement(text) for group in (project["dependencies"], *extras) for text in group]
    lines = {name: _pin(name, wanted) for name, wanted in _needed(asked).items()}
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        requirement = None if line.startswith("#") else Requirement(line)
        name = canonicalize_name(requirement.name) if requirement else ""
        if name in ELSEWHERE or (
            requirement and requirement.marker and not requirement.marker.evaluate()
        ):
            lines[name] = line
    print(HEADER, *(f"{lines[name]}\n" for name in sorted(lines)), sep="", end="")


def _needed(asked: list[Requirement]) -> dict[str, list[Requirement]]:
    """Return each package's name, with the requirements of others that ask for it."""
    needed: dict[str, list[Requirement]] = defaultdict(list)
    waiting = list(asked)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in ("yoyak", *ELSEWHERE) or name.startswith(CUDA) or requirement in needed[name]:
            continue
        needed[name].append(requirement)
        for text in _installed(name).requires or []:
            further = Requirement(text)
            environments = [{"extra": extra} for extra in ("", *requirement.extras)]
            if not further.marker or any(map(further.marker.evaluate, environments)):
                waiting.append(further)
    return needed


def _pin(name: str, wanted: list[Requirement]) -> str:
    package = _installed(name)
    line = f"{package.metadata['Name']}=={package.version.partition('+')[0]}"  # torch's "+cpu"
    markers = {str(requirement.marker) for requirement in wanted}
    some = len(markers) == 1 and "python_version" in (marker := markers.pop())
    return f"{line}; {marker}" if some else line


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        sys.exit(
            f"error: {name} is needed and not installed: pip install -c requirements.lock '.[test]'"
        )


main()
