"""Files written whole: a reader sees the old one or the new one, never half of one."""

import csv
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stages.command.errors import UserError

LONGEST_CELL = 10_000_000
"""Characters of a cell in a file that people hand in; a longer one lacks its closing quote."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it becomes `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; it becomes `path` when the block ends without an error."""
    draft, old = path.with_name(f".{path.name}.tmp"), path.with_name(f".{path.name}.old.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
        shutil.rmtree(old, ignore_errors=True)
        if path.exists():
            path.rename(old)  # removing takes a while, in which it would be half a folder
        draft.rename(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def write_json(path: Path, content: object) -> None:
    """Write `content` as indented UTF-8 JSON, keys in the order given."""
    with whole_file(path) as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_json(path: Path, *, made_by: str) -> Any:
    """Read JSON that a stage wrote; `made_by` is the command to name when it is missing."""
    return json.loads(existing(path, made_by=made_by).read_text(encoding="utf-8"))


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    r"""Write UTF-8 CSV with `\n` line ends and every cell quoted that needs it."""
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def read_table(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file that a stage wrote; none where it is missing."""
    if not path.exists():
        return
    csv.field_size_limit(2**31 - 1)  # a dialogue of any length
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def existing(path: Path, *, made_by: str) -> Path:
    """Return `path`, or say which command writes it."""
    if not path.exists():
        raise UserError(f"{path} is missing. It gets written by: {made_by}")
    return path
