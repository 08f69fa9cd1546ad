"""Outputs as they lie in DVC's cache, read without checking anything out."""

from pathlib import Path

from stages.command.cost import cache_dir


def cached_path(md5: str) -> Path:
    """Return where DVC's cache has what has this hash, if it has it."""
    return cache_dir() / "files" / "md5" / md5[:2] / md5[2:]


def read_cached(md5: str) -> bytes | None:
    """Return the content that has this hash, or None where this machine's cache lacks it."""
    path = cached_path(md5)
    return path.read_bytes() if path.is_file() else None
