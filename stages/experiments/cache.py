"""Outputs as they lie in DVC's cache, read without checking anything out."""

import json
from pathlib import Path, PurePosixPath

from stages.command.cost import cache_dir
from stages.experiments.lock_file import Lock


def cached_path(md5: str) -> Path:
    """Return where DVC's cache has what has this hash, if it has it."""
    return cache_dir() / "files" / "md5" / md5[:2] / md5[2:]


def read_cached(md5: str) -> bytes | None:
    """Return the content that has this hash, or None where this machine's cache lacks it."""
    path = cached_path(md5)
    return path.read_bytes() if path.is_file() else None


def read_cached_output(lock: Lock, path: str) -> bytes | None:
    """Return an output, or a file inside a folder that is one; None where it is not to be had."""
    md5 = lock.output_hash(path)
    if md5:
        return read_cached(md5)
    for folder in PurePosixPath(path).parents:
        md5 = lock.output_hash(str(folder))
        listing = read_cached(md5) if md5 else None
        if listing is not None:
            inside = {item["relpath"]: item["md5"] for item in json.loads(listing)}
            wanted = str(PurePosixPath(path).relative_to(folder))
            return read_cached(inside[wanted]) if wanted in inside else None
    return None
