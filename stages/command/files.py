"""Files written whole: a reader sees the old one or the new one, never half of one."""

import csv
import json
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from stages.command.errors import UserError

DAMAGE = (
    *(AttributeError, csv.Error, EOFError, LookupError, NotImplementedError, OSError),
    *(OverflowError, RecursionError, TypeError, ValueError),
)
"""What readers of JSON, CSV, YAML, Parquet and tokenizers raise where a file is cut off or flipped.
"""
LONGEST_CELL = 10_000_000
"""Characters of a cell in a file that people hand in; a longer one lacks its closing quote."""

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""How a cell begins that a spreadsheet computes, behind the apostrophes that keep it from that."""


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


@contextmanager
def reading(path: Path, *, made_by: str) -> Iterator[None]:
    """Read `path` in the block; that it is missing or damaged is one sentence with the way out."""
    existing(path, made_by=made_by)
    try:
        yield
    except DAMAGE as error:
        raise damaged(path, error, made_by=made_by) from None


def damaged(path: Path, error: Exception, *, made_by: str) -> UserError:
    """Return the sentence on a file that cannot be read."""
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return UserError(f"{path} cannot be read ({reason}); it gets written anew by: {made_by}")


def read_json(path: Path, *, made_by: str, has: Collection[str] = ()) -> dict[str, Any]:
    """Read a JSON object that a stage wrote; `has` are keys without which it is damaged."""
    with reading(path, made_by=made_by):
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not content.keys() >= set(has):
            raise ValueError(f"no object of {', '.join(has)}" if has else "no object")
        return content


class _LineFeeds:
    r"""A file whose rows end in `\n`; csv quotes a lone `\r` where its own rows end in `\r\n`."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def write(self, row: str) -> int:
        return self.file.write(row.removesuffix("\r\n") + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    r"""Write data as UTF-8 CSV with `\n` line ends and every cell quoted that needs it."""
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(_LineFeeds(file))
        writer.writerow(header)
        writer.writerows(rows)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write CSV that people open in a spreadsheet, which computes no cell of it: see `as_text`."""
    write_csv(path, header, ([as_text(cell) for cell in row] for row in rows))


def as_text(cell: object) -> object:
    """Return a cell with an apostrophe before it where a spreadsheet would compute it.

    As https://owasp.org/www-community/attacks/CSV_Injection says; numbers stay numbers.

    >>> as_text("=1+1"), as_text("'=1+1"), as_text("안녕"), as_text(-0.5)
    ("'=1+1", "''=1+1", '안녕', -0.5)
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def as_written(cell: str) -> str:
    """Return what `as_text` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def read_table(path: Path, *, made_by: str) -> Iterator[dict[str, str]]:
    """Yield the rows of what `write_table` wrote; none where it is missing."""
    for row in read_csv(path, made_by=made_by):
        yield {name: as_written(cell) for name, cell in row.items()}


def read_csv(path: Path, *, made_by: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file that a stage wrote; none where it is missing."""
    if not path.exists():
        return
    csv.field_size_limit(2**31 - 1)  # a dialogue of any length
    with reading(path, made_by=made_by), path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(_whole_lines(file), strict=True)
        header = next(rows, None)
        if header is None:
            raise ValueError("it has no header")
        for number, row in enumerate(rows, start=1):
            if len(row) != len(header):
                raise ValueError(f"row {number} has {len(row)} cells, not {len(header)}")
            yield dict(zip(header, row, strict=True))


def _whole_lines(file: Iterable[str]) -> Iterator[str]:
    for line in file:
        if not line.endswith(("\n", "\r")):  # cut off in its last cell, which may look whole
            raise ValueError("its last line is cut off")
        yield line


def read_parquet(path: Path, columns: Sequence[str], *, made_by: str) -> Any:
    """Return columns of a Parquet file that a stage wrote, as an Arrow table."""
    import pyarrow.parquet as pq

    with reading(path, made_by=made_by):
        table = pq.read_table(path, columns=list(columns)).select(columns)
        table.validate(full=True)
        return table


def existing(path: Path, *, made_by: str) -> Path:
    """Return `path`, or say which command writes it."""
    if not path.exists():
        raise UserError(f"{path} is missing. It gets written by: {made_by}")
    return path
