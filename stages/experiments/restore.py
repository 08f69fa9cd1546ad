"""A folder that an experiment put out, brought back from DVC's cache beside the workspace."""

import json
from pathlib import Path

from stages.command.errors import UserError
from stages.experiments.cache import cached_path
from stages.experiments.listing import Experiment


def restore_folder(experiment: Experiment, path: str, into: Path) -> None:
    """Fill `into` with links to the cached files of the output `path`, a folder.

    Found by its hash in the experiment's dvc.lock; neither workspace nor Git is touched. Raises
    `UserError` where the experiment has no such output, or the cache no longer holds it.
    """
    md5 = experiment.lock.output_hash(path)
    if md5 is None:
        raise UserError(f"experiment {experiment.name} ({experiment.state}) has no {path}")
    listing = _cached(experiment, path, md5)
    for item in json.loads(listing.read_text(encoding="utf-8")):
        link = into / item["relpath"]
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(_cached(experiment, path, item["md5"]))


def _cached(experiment: Experiment, path: str, md5: str) -> Path:
    file = cached_path(md5).resolve()
    if not file.is_file():
        raise UserError(
            f"DVC's cache no longer holds {path} of experiment {experiment.name}; fetch it with "
            f"dvc pull, or run it again: dvc exp apply {experiment.name}, then dvc repro"
        )
    return file
