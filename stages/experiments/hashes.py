"""Hashes of what lies here, as DVC writes them into dvc.lock."""

import hashlib
import json
from pathlib import Path


def hash_of(path: Path) -> str:
    """Return the hash of a file, or that of a folder, which ends in `.dir`.

    A folder's is that of the list of its files, without those that .dvcignore names. `dvc status`
    would say whether it is another than dvc.lock's, not which it is.
    """
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, _new).hexdigest()
    from dvc.fs import localfs
    from dvc.ignore import DvcIgnoreFilter

    ignored = DvcIgnoreFilter(localfs, str(Path.cwd()))
    files = sorted(
        (file.relative_to(path.resolve()).as_posix(), file)
        for folder, _, names in ignored.walk(localfs, str(path.resolve()))
        for file in (Path(folder, name) for name in names)
    )
    listing = [{"md5": _md5(file.read_bytes()), "relpath": name} for name, file in files]
    return f"{_md5(json.dumps(listing).encode())}.dir"


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _new() -> "hashlib._Hash":
    return hashlib.md5(usedforsecurity=False)
