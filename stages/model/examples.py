"""Dialogue and summary → ids and labels as Parquet: written by `tokenize`, read by `train`."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tokenizers import Tokenizer

from stages.dialogue.records import ROWS_PER_GROUP, Record
from stages.model.tokenizer import Encoded, encode, unknown_id

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
    max_source_tokens: int,
    max_target_tokens: int,
) -> dict[str, float]:
    """Write each record's ids to `path` and return the split's `Lengths.summary()`."""
    lengths, remaining = Lengths(unknown_id(tokenizer)), iter(records)
    with pq.ParquetWriter(path, TOKEN_SCHEMA, compression="zstd") as file:
        while group := list(islice(remaining, ROWS_PER_GROUP)):
            dialogues = encode(tokenizer, [r.dialogue for r in group], max_tokens=max_source_tokens)
            texts = [" ".join(r.summaries[0].split()) if r.summaries else "" for r in group]
            summaries = encode(tokenizer, texts, max_tokens=max_target_tokens)
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


def _mean(values: list[int]) -> float:
    return round(sum(values) / len(values), 2) if values else 0.0
