"""Models of experiments, brought back from DVC's cache beside the workspace's."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from stages.experiments.listing import find_experiment, list_experiments
from stages.experiments.restore import restore_folder


class Source(NamedTuple):
    """A model, and how much of a dialogue it was trained to read."""

    name: str
    folder: Path
    max_source_tokens: int


def restore_models(names: Sequence[str], *, path: Path, into: Path) -> list[Source]:
    """Return the model that each experiment has at `path`, in a folder of its own in `into`.

    Raises `UserError` where there is no such experiment, or its model is not in the cache.
    """
    known = list_experiments() if names else []
    sources = []
    for number, name in enumerate(names):
        experiment = find_experiment(name, known)
        folder = into / str(number)
        restore_folder(experiment, str(path), folder)
        length = int(str(experiment.params["tokenize.max_source_tokens"]))
        sources.append(Source(name, folder, length))
    return sources
