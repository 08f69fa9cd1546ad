"""Dialogue and summary → ids and labels as Parquet: written by `tokenize`, read by `train`."""

import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.dialogue.records import ROWS_PER_GROUP, Record
from stages.model.prompt import RenderedPrompt
from stages.model.tokenizer import Encoded, encode, encode_dialogues, unknown_id

TOKEN_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("input_ids", pa.list_(pa.int32()), nullable=False),
        pa.field("labels", pa.list_(pa.int32()), nullable=False),
        pa.field("truncated", pa.bool_(), nullable=False),
    ]
)
"""`labels` is the first summary; empty where there is none."""


class Lengths:
    """Counts of one split, for `metrics/tokenize.json`."""

    def __init__(self, unknown: int | None) -> None:
        """Start with nothing read; `unknown` is the id of what the vocabulary cannot write."""
        self.unknown_id = unknown
        self.source: list[int] = []
        self.target: list[int] = []
        self.truncated = self.turns_left_out = self.summaries_cut = self.unknown = 0

    def add(self, dialogue: Encoded, summary: Encoded | None) -> None:
        """Count one row."""
        self.source.append(len(dialogue.ids))
        self.truncated += dialogue.truncated
        self.turns_left_out += dialogue.turns_left_out
        if self.unknown_id is not None:
            texts = [dialogue, summary] if summary else [dialogue]
            self.unknown += sum(text.ids.count(self.unknown_id) for text in texts)
        if summary:
            self.target.append(len(summary.ids))
            self.summaries_cut += summary.cut

    def summary(self) -> dict[str, float]:
        """Return rows, lengths in tokens (after truncation), and how much was truncated."""
        return {
            "rows": len(self.source),
            "dialogue_tokens_mean": _mean(self.source),
            "dialogue_tokens_max": max(self.source, default=0),
            "summary_tokens_mean": _mean(self.target),
            "summary_tokens_max": max(self.target, default=0),
            "dialogues_truncated": self.truncated,
            "turns_left_out": self.turns_left_out,
            "summaries_truncated": self.summaries_cut,
            "tokens": sum(self.source) + sum(self.target),
            "unknown_tokens": self.unknown,
        }


def write_examples(
    path: Path,
    records: Iterable[Record],
    *,
    tokenizer: Tokenizer,
    prompt: RenderedPrompt | None,
    max_source_tokens: int,
    max_target_tokens: int,
) -> dict[str, float]:
    """Write each record's ids to `path` and return the split's `Lengths.summary()`."""
    limits = max_source_tokens, max_target_tokens
    lengths, remaining = Lengths(unknown_id(tokenizer)), iter(records)
    with pq.ParquetWriter(path, TOKEN_SCHEMA, compression="zstd") as file:
        while group := list(islice(remaining, ROWS_PER_GROUP)):
            dialogues, summaries = encode_pairs(tokenizer, group, prompt, limits)
            labels = [s if r.summaries else None for r, s in zip(group, summaries, strict=True)]
            for dialogue, label in zip(dialogues, labels, strict=True):
                lengths.add(dialogue, label)
            columns = [
                [record.id for record in group],
                [dialogue.ids for dialogue in dialogues],
                [label.ids if label else [] for label in labels],
                [dialogue.truncated for dialogue in dialogues],
            ]
            file.write_table(pa.table(columns, schema=TOKEN_SCHEMA))
    return lengths.summary()


def encode_pairs(
    tokenizer: Tokenizer,
    records: Sequence[Record],
    prompt: RenderedPrompt | None,
    limits: tuple[int, int],
) -> tuple[list[Encoded], list[Encoded]]:
    """Return dialogues and first summaries as ids; `limits` are those of the two, in tokens.

    Where both are one sequence, behind a prompt, no summary is cut: a longer one has the room that
    it lacks of the dialogue.
    """
    most_source, most_target = limits
    dialogues = [record.dialogue for record in records]
    texts = [" ".join(r.summaries[0].split()) if r.summaries else "" for r in records]
    if prompt is None:
        sources = encode(tokenizer, dialogues, max_tokens=most_source)
        return sources, encode(tokenizer, texts, max_tokens=most_target)
    targets = encode(tokenizer, texts, max_tokens=sys.maxsize, around=prompt.summary)
    sources = encode_dialogues(tokenizer, dialogues, max_tokens=most_source, prompt=prompt)
    for i, (record, target) in enumerate(zip(records, targets, strict=True)):
        room = most_source - max(0, len(target.ids) - most_target)
        if len(sources[i].ids) > room:
            [sources[i]] = encode(
                tokenizer, [record.dialogue], max_tokens=room, around=prompt.dialogue
            )
        if len(sources[i].ids) > room:
            raise UserError(
                f"the summary of {record.id} has {len(target.ids)} tokens, which leaves no room "
                "for its dialogue: raise tokenize.max_target_tokens or tokenize.max_source_tokens"
            )
    return sources, targets


def _mean(values: list[int]) -> float:
    return round(sum(values) / len(values), 2) if values else 0.0
