"""Clean dialogues → token ids.

Reads data/clean/*.parquet. Writes data/tokens/ (the tokenizer, and one Parquet file a split) and
metrics/tokenize.json. Never looks at dev or test to build a vocabulary.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenizers import Tokenizer

from stages.command.entry import run_stage
from stages.command.errors import UserError
from stages.command.files import existing, whole_folder, write_json
from stages.command.lock import only_one
from stages.command.progress import progress_bar, say
from stages.dialogue.records import Record, iter_records
from stages.model.causal_tokenizer import save_causal_tokenizer
from stages.model.examples import write_examples
from stages.model.kinds import check_kind, check_room, is_causal, read_config
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.prompt import RenderedPrompt, read_prompt
from stages.model.tokenizer import (
    describe_frame,
    encode,
    read_tokenizer,
    save_trained_tokenizer,
)
from stages.params import Params, load_params
from stages.paths import CLEAN, TOKEN_METRICS, TOKENS

SHORTEST_DIALOGUE = 16
"""Tokens that a prompt must leave."""
TOLD_SHARE = 0.001
REFUSED_SHARE = 0.05
"""Of a Korean text under an English vocabulary 43% of the tokens are unknown."""


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


def make_tokenizer(params: Params, train: Path, *, folder: Path) -> Tokenizer:
    """Train a tokenizer or take the model's own, once the model is known to be of use."""
    name, limits = params.model.base, params.tokenize
    if name == "scratch":
        texts = training_texts(train)
        save_trained_tokenizer(texts, vocab_size=limits.vocab_size, folder=folder)
    else:
        config = read_config(name)
        check_kind(config, name)
        check_room(
            config,
            name,
            source_tokens=limits.max_source_tokens,
            target_tokens=limits.max_target_tokens,
        )
        if is_causal(config):
            prompt = save_causal_tokenizer(
                name, config, params.prompt, language=params.data.language, folder=folder
            )
            check_prompt(read_tokenizer(folder), prompt, max_tokens=limits.max_source_tokens)
        else:
            trains_all = params.lora.rank == 0
            save_pretrained_tokenizer(name, config, folder=folder, adds_tokens=trains_all)
    return read_tokenizer(folder)


def check_prompt(tokenizer: Tokenizer, prompt: RenderedPrompt, *, max_tokens: int) -> None:
    """Raise `UserError` where the prompt leaves a dialogue no room; say so where it is plain."""
    [alone] = encode(tokenizer, [""], max_tokens=sys.maxsize, around=prompt.dialogue)
    if len(alone.ids) + SHORTEST_DIALOGUE > max_tokens:
        raise UserError(
            f"tokenize.max_source_tokens: the prompt alone has {len(alone.ids)} tokens, which "
            f"leaves a dialogue no room in {max_tokens}; raise it, or shorten prompt.user"
        )
    if prompt.messages is None:
        say("tokenize: the model has no chat template, so the prompt is plain text")


def check_unknown(counts: Mapping[str, Mapping[str, float]], name: str) -> float:
    """Return the share of the tokens that are unknown: what the vocabulary cannot write.

    Says so above 0.1%; raises `UserError` above 5%.
    """
    tokens, unknown = (
        sum(split[key] for split in counts.values()) for key in ("tokens", "unknown_tokens")
    )
    share = unknown / max(1, tokens)
    told = f"{share:.2%} of the data's tokens are unknown to the vocabulary of model.name: {name}"
    if share > REFUSED_SHARE:
        raise UserError(f"{told}; it cannot write this language, so choose another model")
    if share > TOLD_SHARE:
        say(f"warning: {told}; what they stand for is neither read nor written")
    return round(share, 6)


def main() -> None:
    """Run the stage."""
    params = load_params()
    train = existing(CLEAN / "train.parquet", made_by="dvc repro clean")
    with only_one("tokenize"), whole_folder(TOKENS) as folder:
        tokenizer = make_tokenizer(params, train, folder=folder / "tokenizer")
        prompt = read_prompt(folder / "tokenizer")
        counts = {
            path.stem: write_examples(
                folder / path.name,
                tracked(iter_records(path), f"tokenize {path.stem}"),
                tokenizer=tokenizer,
                prompt=prompt,
                max_source_tokens=params.tokenize.max_source_tokens,
                max_target_tokens=params.tokenize.max_target_tokens,
            )
            for path in sorted(CLEAN.glob("*.parquet"))
        }
        made = {
            "vocabulary": tokenizer.get_vocab_size(),
            "frame": describe_frame(tokenizer, prompt),
            "unknown_share": check_unknown(counts, params.model.name),
        }
        write_json(TOKEN_METRICS, made | counts)
    rows, cut = (
        sum(split[key] for split in counts.values()) for key in ("rows", "dialogues_truncated")
    )
    say(
        f"tokenize: {rows:.0f} dialogues into {TOKENS}, each as {made['frame']}, "
        f"{cut:.0f} of them truncated"
    )


if __name__ == "__main__":
    run_stage(main, __doc__)
