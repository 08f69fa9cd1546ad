"""Which column is which: the names of `data.preset`, or those that `data.columns` gives instead.

A column of JSON or Parquet may lie within others: `body.summary` is what stands there.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from stages.command.errors import UserError
from stages.params import Data

_PRESETS: dict[str, dict[str, tuple[str, ...]]] = {
    "competition": {
        "id": ("fname",),
        "dialogue": ("dialogue",),
        "summary": ("summary",),
        "topic": ("topic", "topic1"),
    },
    "dialogsum": {
        "id": ("fname", "id"),
        "dialogue": ("dialogue",),
        "summary": ("summary",),
        "topic": ("topic", "topic1"),
    },
    "samsum": {"id": ("id",), "dialogue": ("dialogue",), "summary": ("summary",), "topic": ()},
    "aihub": {
        "id": ("header.dialogueInfo.dialogueID",),
        "dialogue": ("body.dialogue",),
        "summary": ("body.summary",),
        "topic": ("header.dialogueInfo.topic",),
    },
}
"""The names of each column, of which the first that is there counts."""
_ALSO_SUMMARIES = ("summary", "summaries", "요약", "요약문")
"""Names that columns of summaries have elsewhere."""
_NAMED_SPEAKERS = {"samsum"}
"""Presets of corpora whose dialogues have names before the colons."""


class FoundColumns(NamedTuple):
    """The columns of a file by their names there."""

    id: str
    dialogue: str
    summaries: tuple[str, ...]
    topic: str | None


class Layout(NamedTuple):
    """How a corpus is written: what `data` in params.yaml says of it."""

    names: dict[str, tuple[str, ...]]
    """Of `id`, `dialogue`, `summary` and `topic`."""
    named_speakers: bool
    """Speakers are names, which become tags."""


def layout(data: Data) -> Layout:
    """Return what params.yaml says of the columns and the speakers."""
    given = {name: (column,) for name, column in data.columns.model_dump().items() if column}
    named = data.speakers == "names" or data.preset in _NAMED_SPEAKERS
    return Layout(_PRESETS[data.preset] | given, named)


def find_columns(
    path: Path, header: Sequence[str], names: dict[str, tuple[str, ...]], *, needs_summary: bool
) -> FoundColumns:
    """Find the columns in a header, or raise `UserError` with what it has instead.

    Of summaries all are taken: `summary`, and `summary1`, `summary2`, … by their numbers.
    """
    found = {
        name: [column for column in wanted if column in header][:1]
        for name, wanted in names.items()
    }
    summaries = _summaries(header, names["summary"])
    missing = [names[name][0] for name in ("id", "dialogue") if not found[name]]
    if needs_summary and not summaries:
        missing += names["summary"][:1]
    if missing:
        raise UserError(_describe_header(path, header, missing))
    if not summaries and (meant := _meant(header, names["summary"])):
        raise UserError(
            f"{path}, header: {meant} would be no reference; if it has summaries, rename it to "
            f"{names['summary'][0]}, or give data.columns.summary: {meant} in params.yaml; if not, "
            "give it another name"
        )
    for column in (*found["id"], *found["dialogue"], *summaries, *found["topic"]):
        if header.count(column) > 1:
            raise UserError(
                f"{path}, header: the column {column} comes twice; take one of them out"
            )
    topic = found["topic"][0] if found["topic"] else None
    return FoundColumns(found["id"][0], found["dialogue"][0], summaries, topic)


def _summaries(header: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        numbered = {
            int(match[1]): column
            for column in header
            if (match := re.fullmatch(rf"{re.escape(name)}[ _]?([0-9]+)", column))
        }
        found = [name] * (name in header) + [numbered[number] for number in sorted(numbered)]
        if found:
            return tuple(found)
    return ()


def _meant(header: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the first column that somebody means by its name, where none is called rightly.

    >>> _meant(["fname", "dialogue", "SUMMARY"], ["summary"])
    'SUMMARY'
    """
    alike = "|".join(map(re.escape, [*names, *_ALSO_SUMMARIES]))
    pattern = re.compile(rf"({alike})[ _]?[0-9]*", re.IGNORECASE)
    return next((column for column in header if pattern.fullmatch(column)), None)


def _describe_header(path: Path, header: Sequence[str], missing: Sequence[str]) -> str:
    noun = "column" if len(missing) == 1 else "columns"
    found = ", ".join(repr(name[:40]) for name in header[:12])
    fitting = [
        preset
        for preset, names in _PRESETS.items()
        if all(set(names[name]) & set(header) for name in ("id", "dialogue", "summary"))
    ]
    advice = f"data.preset: {' or '.join(fitting)}" if fitting else "their names as data.columns"
    return (
        f"{path} lacks the {noun} {', '.join(missing)}; its header has {found}; "
        "rename its columns to fname, dialogue, summary (or summary1, summary2, …) and topic, "
        f"or give {advice} in params.yaml"
    )
