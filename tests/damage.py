"""Damage to files that commands read: what reads which, and what it has to say.

A damaged file is named with what is wrong and the command that makes it anew.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path

from stages import evaluate, predict, report, tokenize, train
from stages.command.errors import UserError

Damage = Callable[[bytes], bytes]

READ_BY: dict[str, tuple[Callable[[], None], str]] = {
    "data/clean/train.parquet": (tokenize.main, "dvc repro clean"),
    "data/clean/dev.parquet": (report.main, "dvc repro clean"),
    "data/tokens/train.parquet": (train.main, "dvc repro tokenize"),
    "data/tokens/dev.parquet": (evaluate.main, "dvc repro tokenize"),
    "data/tokens/tokenizer/tokenizer.json": (train.main, "dvc repro"),
    "data/predictions/scored/dev.csv": (report.main, "dvc repro evaluate"),
    "models/summarizer/model.safetensors": (evaluate.main, "dvc repro train"),
    "models/summarizer/config.json": (evaluate.main, "dvc repro train"),
    "models/summarizer/tokenizer_config.json": (evaluate.main, "dvc repro train"),
    "models/summarizer/tokenizer.json": (predict.main, "dvc repro train"),
    "metrics/clean.json": (train.main, "dvc repro clean"),
    "metrics/evaluate.json": (report.main, "dvc repro evaluate"),
    "metrics/floors.json": (report.main, "dvc repro evaluate"),
    "metrics/train/loss.csv": (report.main, "dvc repro train"),
    "metrics/compare.json": (report.main, "python -m stages.compare --report"),
    "metrics/tune/best.yaml": (report.main, "dvc checkout --force metrics/tune"),
}
"""File → what reads it, and the command that makes it anew."""


def half(content: bytes) -> bytes:
    """Cut it off."""
    return content[: len(content) // 2]


def empty(content: bytes) -> bytes:
    """Leave nothing."""
    return content[:0]


def null(content: bytes) -> bytes:
    """Leave one word, which JSON and YAML can read."""
    return content[:0] + b"null\n"


def in_conflict(content: bytes) -> bytes:
    """Put the marks of a merge around it."""
    return b"<<<<<<< HEAD\n" + content + b"=======\n" + content + b">>>>>>> other\n"


CASES = [
    (name, damage)
    for name in READ_BY
    for damage in (half, empty, null, in_conflict)
    # A table may have the one column `null` and no row, and rows are quoted over lines.
    if not (name.endswith(".csv") and damage in (null, in_conflict))
]


def damage_file(file: Path, damage: Damage) -> None:
    """Damage a file; one that is not there is begun."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(damage(file.read_bytes() if file.exists() else b"values: {}\n"))


def check_sentence(name: str) -> None:
    """Read a damaged file of the current folder; one sentence has to say all."""
    read, command = READ_BY[name]
    try:
        read()
    except UserError as error:
        said = str(error)
    else:
        raise AssertionError(f"{name} was read as if it were whole")
    assert said.startswith(f"{name} cannot be read ("), said
    assert re.fullmatch(rf".*\); it gets written anew by: {re.escape(command)}", said), said
    assert len(said) < 450, said


def flip(content: bytes, chance: random.Random) -> bytes:
    """Flip two bits."""
    flipped = bytearray(content)
    for _ in range(2):
        flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(flipped)
