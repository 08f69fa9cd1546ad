"""Clean dialogues → token ids.

Reads data/clean/*.parquet. Writes data/tokens/ (the tokenizer, and one Parquet file a split) and
metrics/tokenize.json. Never looks at dev or test to build a vocabulary.
"""

from collections.abc import Iterator
from pathlib import Path

from stages.command.entry import run_stage
from stages.command.files import existing, whole_folder, write_json
from stages.command.lock import only_one
from stages.command.progress import progress_bar, say
from stages.dialogue.records import Record, iter_records
from stages.model.tokenizer import read_tokenizer, save_pretrained_tokenizer, save_trained_tokenizer
from stages.model.tokens import write_tokens
from stages.params import load_params
from stages.paths import CLEAN, TOKEN_METRICS, TOKENS


def training_texts(train: Path) -> Iterator[str]:
    """Yield every dialogue and every summary of the training split."""
    for record in iter_records(train):
        yield record.dialogue
        yield from record.summaries


def tracked(records: Iterator[Record], description: str) -> Iterator[Record]:
    """Pass the records on, with a progress bar."""
    with progress_bar() as bar:
        task = bar.add_task(description, total=None, note="")
        for record in records:
            yield record
            bar.advance(task)


def main() -> None:
    """Run the stage."""
    params = load_params()
    train = existing(CLEAN / "train.parquet", made_by="dvc repro clean")
    with only_one("tokenize"), whole_folder(TOKENS) as folder:
        if params.model.name == "scratch":
            size = params.tokenize.vocab_size
            save_trained_tokenizer(
                training_texts(train), vocab_size=size, folder=folder / "tokenizer"
            )
        else:
            save_pretrained_tokenizer(params.model.name, folder=folder / "tokenizer")
        tokenizer = read_tokenizer(folder / "tokenizer")
        counts = {
            path.stem: write_tokens(
                folder / path.name,
                tracked(iter_records(path), f"tokenize {path.stem}"),
                tokenizer=tokenizer,
                max_source_tokens=params.tokenize.max_source_tokens,
                max_target_tokens=params.tokenize.max_target_tokens,
            )
            for path in sorted(CLEAN.glob("*.parquet"))
        }
        write_json(TOKEN_METRICS, {"vocabulary": tokenizer.get_vocab_size(), **counts})
    rows, cut = (
        sum(split[key] for split in counts.values()) for key in ("rows", "dialogues_truncated")
    )
    say(f"tokenize: {rows:.0f} dialogues into {TOKENS}, {cut:.0f} of them truncated")


if __name__ == "__main__":
    run_stage(main, __doc__)
