"""Disk: what a search will need, and the weights of trials that are not among the best."""

import json
import re
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from stages.command.cost import cache_dir
from stages.command.errors import UserError
from stages.command.files import DAMAGE
from stages.command.sizes import in_gb
from stages.experiments.cache import cached_path
from stages.experiments.lock_file import read_lock_here
from stages.model.weights import ADAPTER, WHOLE, weights_file
from stages.params import Params
from stages.paths import SUMMARIZER
from stages.search.space import Space, combinations

TRAINING_COPIES = 7
"""Weights that one training has on disk at most: two checkpoints with Adam's two moments, and the
model that it writes."""
_SUMMARIZER_HASH = re.compile(rb"path: models/summarizer\n(?: +.*\n)*? +md5: ([0-9a-f]{32}\.dir)")


class Weights:
    """Keeps the weights of the best trials of a search in DVC's cache, and removes the others'.

    A removed model comes back by training it again; its scores and predictions stay.
    """

    def __init__(self, keep: int) -> None:
        """Keep the weights of so many trials."""
        self.keep = keep
        self.held: list[tuple[float, str, str]] = []

    def hold(self, folder: str, experiment: str, score: float) -> None:
        """Note the weights of a trial: the hash of its models/summarizer in the cache."""
        self.held.append((score, experiment, folder))

    def add(self, folder: str, experiment: str, score: float) -> None:
        """Note the weights of a trial, and remove the worst where there are too many now."""
        self.hold(folder, experiment, score)
        self.trim(self.keep)

    def trim(self, keep: int, *, always: Collection[str] = ()) -> None:
        """Keep the best `keep` models and those of the experiments named; remove the rest.

        Trials that differ in `generate` alone have one model, which counts once.
        """
        best = sorted(self.held, key=lambda one: (one[1] not in always, -one[0]))
        models = list(dict.fromkeys(folder for _, _, folder in best))[:keep]
        dropped = [one for one in best if one[2] not in models]
        self.held = [one for one in best if one[2] in models]
        if not dropped:
            return
        kept = {model_hash(folder) for _, _, folder in self.held}
        kept |= {model_hash(folder) for folder in referenced({name for _, name, _ in dropped})}
        for _, _, folder in dropped:
            weights = model_hash(folder)
            if weights and weights not in kept:
                cached_path(weights).unlink(missing_ok=True)


def model_hash(folder: str) -> str | None:
    """Return the hash of the weights in a cached models/summarizer."""
    try:
        listing = json.loads(cached_path(folder).read_text(encoding="utf-8"))
        files = {one["relpath"]: one["md5"] for one in listing}
    except DAMAGE:  # or not there: nothing is known, and nothing will be removed
        return None
    return files.get(ADAPTER, files.get(WHOLE))


def referenced(dropped: Collection[str]) -> set[str]:
    """Return every models/summarizer that the working tree or a commit of any ref holds.

    But for the experiments named in `dropped`, whose own claim does not count.
    """
    refs = _git("for-each-ref", "--format=%(refname)").decode().split()
    kept = [ref for ref in refs if ref.rpartition("/")[2] not in dropped]
    commits = _git("log", "--format=%H", "HEAD", *kept, "--", "dvc.lock").decode().split()
    request = "".join(f"{commit}:dvc.lock\n" for commit in commits)
    locks = _git("cat-file", "--batch", given=request)
    if Path("dvc.lock").exists():
        locks += Path("dvc.lock").read_bytes()
    return {found.decode() for found in _SUMMARIZER_HASH.findall(locks)}


def check_disk(params: Params, space: Space) -> str:
    """Return a sentence on the disk that the search needs; raise `UserError` where it lacks."""
    size = model_bytes(params, space)
    free = shutil.disk_usage(cache_dir().parent).free
    if size is None:
        return f"the size of {params.model.name} is not known yet; {in_gb(free)} are free"
    workers, keep = params.tune.workers, max(params.tune.keep_models, params.tune.confirm.top)
    data = sum(f.stat().st_size for f in Path("data").rglob("*") if f.is_file())
    need = size * (workers * TRAINING_COPIES + keep + 1) + workers * data
    sentence = (
        f"needs about {in_gb(need)} of disk (a model has {in_gb(size)}; {workers} in training, "
        f"{keep} kept); {in_gb(free)} are free"
    )
    if need > free:
        raise UserError(f"tune: {sentence}; lower tune.keep_models, tune.workers or make room")
    return sentence


def model_bytes(params: Params, space: Space) -> int | None:
    """Return the size of the largest model of the space in fp32, or None where it is not known."""
    if params.model.name != "scratch":
        return _pretrained_bytes(params)
    shape = {k: v for k, v in space.items() if k in ("model.layers", "model.d_model")}
    values = combinations(shape, points=2) or [{}]
    return max(
        _scratch_bytes(
            params,
            layers=int(str(one.get("model.layers", params.model.layers))),
            width=int(str(one.get("model.d_model", params.model.d_model))),
        )
        for one in values
    )


def _pretrained_bytes(params: Params) -> int | None:
    """Return the size of the model's own weights, or of what was trained of it last.

    An adapter is megabytes: as many as the last one had, for its rank.
    """
    last = read_lock_here().params.get("train", {})
    trained = weights_file(SUMMARIZER) if _of(last, "model.name") == params.model.name else None
    rank = params.lora.rank
    if rank:
        before = _of(last, "lora.rank")
        if not trained or not trained.is_file() or not before:
            return None
        return trained.stat().st_size * rank // int(before)
    known = [path for path in (Path(params.model.name) / WHOLE, trained) if path and path.is_file()]
    return known[0].stat().st_size if known else None


def _of(params: Mapping[str, Any], key: str) -> Any:
    """Return one param of a stage of dvc.lock, None where it has none."""
    section, _, name = key.partition(".")
    return params.get(section, {}).get(name)


def _scratch_bytes(params: Params, *, layers: int, width: int) -> int:
    """Return a BART's bytes: 12 d² in an encoder layer, 16 d² in a decoder layer, embeddings."""
    longest = max(params.tokenize.max_source_tokens, params.tokenize.max_target_tokens)
    return 4 * (28 * layers * width**2 + width * (params.tokenize.vocab_size + 2 * longest))


def _git(*arguments: str, given: str = "") -> bytes:
    command: Sequence[str] = ["git", *arguments]
    return subprocess.run(command, input=given.encode(), capture_output=True, check=True).stdout
