"""Outputs as they lie in DVC's cache, read without checking anything out."""

import hashlib
from pathlib import Path

from stages.command.cost import cache_dir


def cached_path(md5: str) -> Path:
    """Return where DVC's cache has what has this hash, if it has it."""
    return cache_dir() / "files" / "md5" / md5[:2] / md5[2:]


def read_cached(md5: str) -> bytes | None:
    """Return the content that has this hash, or None where this machine's cache lacks it.

    A damaged file has another hash, and is as good as none: DVC fetches or makes it again.
    """
    path = cached_path(md5)
    content = path.read_bytes() if path.is_file() else b""
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return content if digest == md5.removesuffix(".dir") else None
