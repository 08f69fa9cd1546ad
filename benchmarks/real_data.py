"""What several benchmarks measure with: real dialogues where they lie beside the project."""

from pathlib import Path

from stages.command.faults import Faults
from stages.corpus.cleaning import clean_record
from stages.corpus.columns import layout
from stages.corpus.rows import read_rows
from stages.dialogue.records import Record
from stages.model.tokenizer import encode, read_tokenizer, save_trained_tokenizer
from stages.params import Params, load_params

ROOT = Path(__file__).resolve().parents[1]
REAL, SAMPLE = ROOT / "../shared/data", ROOT / "data/sample"


def params() -> Params:
    """Return params.yaml as it stands."""
    return load_params(ROOT / "params.yaml")


def read_split(split: str, rows: int) -> list[Record]:
    """Return the first rows of a split, repaired: the real Korean ones, else the sample's."""
    folder = REAL / "ko" if (REAL / "ko").exists() else SAMPLE
    faults, needs_summary = Faults(), split != "test"
    path = folder / f"{split}.csv"
    read = read_rows(path, layout(params().data), faults, needs_summary=needs_summary)
    records = [clean_record(row.record)[0] for _, row in zip(range(rows), read, strict=False)]
    faults.check(str(path))
    return records


def train_tokenizer(folder: Path, *, vocabulary: int) -> None:
    """Train a tokenizer on the first 2,000 training rows."""
    records = read_split("train", 2000)
    texts = [text for record in records for text in (record.dialogue, *record.summaries)]
    save_trained_tokenizer(texts, vocab_size=vocabulary, folder=folder)


def encoded(folder: Path, records: list[Record]) -> dict[str, list[list[int]]]:
    """Return `input_ids` and `labels` of the records, as long as params.yaml lets them be."""
    tokenizer, limits = read_tokenizer(folder), params().tokenize
    dialogues = [record.dialogue for record in records]
    summaries = [" ".join(record.summaries[0].split()) for record in records]
    return {
        column: [one.ids for one in encode(tokenizer, texts, max_tokens=limit)]
        for column, texts, limit in (
            ("input_ids", dialogues, limits.max_source_tokens),
            ("labels", summaries, limits.max_target_tokens),
        )
    }
