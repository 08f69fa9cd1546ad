"""Which files are the splits: `train`, `dev` and `test`, whatever their format."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from stages.command.errors import UserError

SUFFIXES = (".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx")
_NAMES = {"train": ("train",), "dev": ("dev", "val", "valid", "validation"), "test": ("test",)}
# `dialogsum.train.jsonl` is how DialogSum's makers name it, `train-00000-of-00002.parquet` how
# Hugging Face does.
_FILE = re.compile(
    r"(?:dialogsum\.)?(\w+?)(-\d{5}-of-\d{5})?(\.csv|\.tsv|\.jsonl|\.json|\.parquet|\.xlsx)",
    re.IGNORECASE,
)


class Split(NamedTuple):
    """The files of a split."""

    name: str
    """`train`, `dev` or `test`."""
    label: str
    """What a message and the ledger call it: `train.csv`, or `train/` for a folder."""
    files: list[Path]
    """One, or shards in their order."""

    @property
    def place(self) -> Path:
        """The file, or the folder of the shards."""
        return self.files[0] if len(self.files) == 1 else self.files[0].parent

    def identity(self) -> dict[str, object]:
        """Return what tells one edition of the data from another: MD5 and size in bytes.

        Of shards it is that of their contents, one behind the other.
        """
        md5 = hashlib.md5(usedforsecurity=False)
        for path in self.files:
            with path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    md5.update(chunk)
        return {"md5": md5.hexdigest(), "bytes": sum(path.stat().st_size for path in self.files)}


def find_splits(folder: Path, *, fold: int) -> list[Split]:
    """Return the splits of a data folder: train, dev and, where it is there, test.

    A `fold` that is held out makes dev, in whose place it comes, dispensable.
    """
    found = {name: find_split(folder, name) for name in _NAMES}
    for name in ("train", *(["dev"] if not fold else [])):
        if found[name] is None:
            raise UserError(_describe_missing(folder, name))
    return [split for split in found.values() if split]


def find_split(folder: Path, name: str) -> Split | None:
    """Return the files of one split; raises `UserError` where there are two that could be it."""
    sources: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir() if folder.is_dir() else [], key=_in_order):
        match = _FILE.fullmatch(path.name)
        if path.is_dir() and path.name.lower() in _NAMES[name]:
            if shards := _shards(path):
                sources[f"{path.name}/"] = shards
        elif match and match[1].lower() in _NAMES[name]:
            if not path.is_file():
                raise UserError(
                    f"{path} is a folder, not a file; put the file there, or name another folder "
                    "as data.dir in params.yaml"
                )
            label = f"{match[1]}-*{match[3]}" if match[2] else path.name
            sources.setdefault(label, []).append(path)
    if len(sources) > 1:
        both = " and ".join(str(folder / label) for label in sources)
        raise UserError(f"{both} are all {name}; leave one of them in {folder}")
    return next((Split(name, label, files) for label, files in sources.items()), None)


def _shards(folder: Path) -> list[Path]:
    files = [
        path
        for path in sorted(folder.iterdir(), key=_in_order)
        if path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$"))
    ]
    kinds = sorted({path.suffix.lower() for path in files})
    if len(kinds) > 1:
        raise UserError(f"{folder} has {' and '.join(kinds)} files; leave those of one kind")
    return files


def _in_order(path: Path) -> list[tuple[int, str]]:
    """Return what sorts `part-10` behind `part-2`."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _describe_missing(folder: Path, name: str) -> str:
    near = [
        path.name
        for path in sorted(folder.iterdir() if folder.is_dir() else [])
        if re.match(rf"(?:{'|'.join(_NAMES[name])})\b", path.name, re.IGNORECASE)
    ]
    there = f" (there is {', '.join(near[:3])}, which is none of the formats)" if near else ""
    return (
        f"{folder / name}.csv is missing; put it there{there}, as .csv, .tsv, .jsonl, .json, "
        ".parquet, .xlsx or a folder of them, or name another folder as data.dir in params.yaml"
    )
