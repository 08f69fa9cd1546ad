"""Models of experiments, brought back from DVC's cache beside the workspace's."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from stages.command.errors import UserError
from stages.experiments.cache import cached_path, read_cached
from stages.experiments.hashes import hash_of
from stages.experiments.listing import Experiment, find_experiment, list_experiments


class RestoredModel(NamedTuple):
    """A model, and how much of a dialogue it was trained to read."""

    name: str
    folder: Path
    max_source_tokens: int


def restore_models(names: Sequence[str], *, path: Path, into: Path) -> list[RestoredModel]:
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
        sources.append(RestoredModel(name, folder, length))
    return sources


def restore_folder(experiment: Experiment, path: str, into: Path) -> None:
    """Fill `into` with links to the cached files of the output `path`, a folder.

    Found by its hash in the experiment's dvc.lock; neither workspace nor Git is touched. Raises
    `UserError` where the experiment has no such output, or the cache no longer holds it.
    """
    md5 = experiment.lock.output_hash(path)
    if md5 is None:
        raise UserError(f"experiment {experiment.name} ({experiment.state}) has no {path}")
    listing = read_cached(md5)
    if listing is None:
        raise _lost(experiment, path)
    for item in json.loads(listing):
        link = into / item["relpath"]
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(_cached(experiment, path, item["md5"]))


def _cached(experiment: Experiment, path: str, md5: str) -> Path:
    file = cached_path(md5).resolve()
    if not file.is_file() or hash_of(file) != md5:
        raise _lost(experiment, path)
    return file


def _lost(experiment: Experiment, path: str) -> UserError:
    return UserError(
        f"DVC's cache no longer holds {path} of experiment {experiment.name}; fetch it with "
        f"dvc pull, or run it again: dvc exp apply {experiment.name}, then dvc repro"
    )
