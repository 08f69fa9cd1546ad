"""Outputs of the pipeline that are no more what their stages wrote, found after the event."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from stages.command.cost import cache_dir
from stages.command.files import DAMAGE
from stages.command.yaml_file import parse_yaml

LOCK = Path("dvc.lock")
ANEW = "rm dvc.lock; dvc repro, which takes what ran before from DVC's cache"


def what_is_damaged() -> str | None:
    """Return, as the end of a sentence, what may have led to an error that nobody expected.

    None where every output is what its stage wrote, and outside of a project.
    """
    changed = changed_output()
    if changed:
        path, stage = changed
        return f"{path} is not what its stage wrote; it gets written anew by: dvc repro {stage}"
    if not Path("dvc.yaml").exists() or _outputs():
        return None
    lock, anew = ("cannot be read", ANEW) if LOCK.exists() else ("is missing", "dvc repro")
    return f"dvc.lock, which tells what is damaged, {lock}; all gets written anew by: {anew}"


def changed_output() -> tuple[Path, str] | None:
    """Return the first file that has another hash than in dvc.lock, and the stage that writes it.

    Of a folder the cache knows its files. None where there is no such file, or no dvc.lock to tell;
    what is missing has a sentence of its own.
    """
    try:
        files = ((file, md5, name) for out, name in _outputs() for file, md5 in _files(out))
        return next(((f, name) for f, md5, name in files if f.is_file() and _md5(f) != md5), None)
    except DAMAGE:
        return None


def _outputs() -> list[tuple[dict[str, str], str]]:
    """Return every output with its stage; none where dvc.lock is missing or damaged."""
    try:
        stages = parse_yaml(LOCK.read_text(encoding="utf-8"))["stages"]
        return [(out, name) for name, stage in stages.items() for out in stage.get("outs", [])]
    except DAMAGE:
        return []


def _files(out: dict[str, str]) -> Iterator[tuple[Path, str]]:
    path, md5 = Path(out["path"]), out["md5"]
    if not md5.endswith(".dir"):
        yield path, md5
        return
    listing = cache_dir() / "files" / "md5" / md5[:2] / md5[2:]
    if listing.is_file():
        for item in json.loads(listing.read_text(encoding="utf-8")):
            yield path / item["relpath"], item["md5"]


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
