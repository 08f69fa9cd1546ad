"""How fast dev is decoded, beside `generate()` in the order of the file and in batches of 32.

By a model of KoBART's size with random weights, which writes as many tokens as a real summary has
on average and never ends before; and by the scratch model of params.yaml after some training, which
ends where it will. Reading a model, and converting it for CTranslate2, is told apart: it takes as
long for one dialogue as for all.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import BartConfig, BartForConditionalGeneration

from benchmarks.ratio import Ratio, medians, run
from benchmarks.real_data import encoded, params, read_split, train_tokenizer
from benchmarks.train_speed import scratch
from benchmarks.trainers import ours
from stages.model.engine import read_summarizer
from stages.model.seq2seq import read_model
from stages.model.tokenizer import decode, read_tokenizer
from stages.model.torch_engine import Summarizer
from stages.model.trained import save_model
from stages.params import Engine, Generate, Train

BATCH = 32
KOBART: dict[Engine, float | None] = {"ctranslate2": 6, "ctranslate2-int8": 8, "torch": None}
"""Engine → goal."""
SCRATCH: dict[Engine, float | None] = {"ctranslate2": 7, "torch": None}
VOCABULARY, HEADS = 30_000, 16

Ids = list[list[int]]


def measure(
    *,
    rows: int = 48,
    layers: int = 6,
    d_model: int = 768,
    new_tokens: int = 32,
    scratch_rows: int = 499,
    scratch_steps: int = 200,
    rounds: int = 3,
) -> list[Ratio]:
    """Return the ratio of the seconds for each model and engine; all decode with 4 beams."""
    with tempfile.TemporaryDirectory() as name:
        kobart, scratch_model = Path(name) / "kobart", Path(name) / "scratch"
        write_kobart(kobart, layers=layers, d_model=d_model)
        _write_scratch(scratch_model, steps=scratch_steps)
        settings = Generate.model_validate(params().generate.model_dump() | {"num_beams": 4})
        short = Generate.model_validate(settings.model_dump() | {"max_new_tokens": new_tokens})
        return [
            *compare(kobart, short, KOBART, rows=rows, rounds=rounds),
            *compare(scratch_model, settings, SCRATCH, rows=scratch_rows, rounds=rounds),
        ]


def compare(
    folder: Path,
    settings: Generate,
    goals: Mapping[Engine, float | None],
    *,
    rows: int,
    rounds: int,
) -> list[Ratio]:
    """Return the ratio of the seconds for each engine that has a goal, or None for one."""
    sources = encoded(folder, read_split("dev", rows))["input_ids"]
    engines = {engine: _Side(folder, partial(read_summarizer, folder, engine)) for engine in goals}
    plain = _Side(folder, lambda: _InFileOrder(read_model(folder)))
    sides: dict[str, Callable[[], float]] = {"plain": partial(plain.decode, sources, settings)}
    sides |= {engine: partial(side.decode, sources, settings) for engine, side in engines.items()}
    found = medians(sides, rounds=rounds)
    return [
        Ratio(
            f"decode_speed.{folder.name}.{engine}",
            round(found["plain"] / found[engine], 2),
            goals[engine],
            f"generate() in file order, batch {BATCH}; the same text for "
            f"{_same(side.texts, plain.texts)} of {len(sources)}",
            "times as fast",
            f"{found[engine]:.1f} s, and {side.loading:.1f} s to read it",
            f"{found['plain']:.1f} s",
        )
        for engine, side in engines.items()
    ]


class _Side:
    """A summarizer, how long it took to read, and what it wrote last."""

    def __init__(self, folder: Path, read: Callable[[], Summarizer]) -> None:
        self.tokenizer = read_tokenizer(folder)
        start = time.perf_counter()
        self.summarizer = read()
        self.loading = time.perf_counter() - start
        self.texts: list[str] = []

    def decode(self, sources: Ids, settings: Generate) -> float:
        """Return the seconds."""
        start = time.perf_counter()
        ids = self.summarizer.generate(sources, settings)
        taken = time.perf_counter() - start
        self.texts = decode(self.tokenizer, ids)
        return taken


class _InFileOrder:
    """What most scripts do: 32 dialogues at a time as they come, padded to the longest."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def generate(
        self,
        sources: Sequence[Sequence[int]],
        settings: Generate,
        *,
        on_batch: Callable[[int], None] = lambda n: None,
    ) -> Ids:
        """Decode; see `engine.Summarizer`."""
        summaries: Ids = []
        pad = self.model.config.pad_token_id
        for start in range(0, len(sources), BATCH):
            batch = [torch.tensor(source) for source in sources[start : start + BATCH]]
            ids = pad_sequence(batch, batch_first=True, padding_value=pad).to(self.model.device)
            with torch.inference_mode():
                generated = self.model.generate(
                    input_ids=ids,
                    attention_mask=(ids != pad).long(),
                    num_beams=settings.num_beams,
                    length_penalty=settings.length_penalty,
                    no_repeat_ngram_size=settings.no_repeat_ngram_size,
                    max_new_tokens=settings.max_new_tokens,
                    do_sample=False,
                )
            summaries += generated.tolist()
        return summaries


def _same(ours: Sequence[str], theirs: Sequence[str]) -> int:
    return sum(a == b for a, b in zip(ours, theirs, strict=True))


def _write_scratch(folder: Path, *, steps: int) -> None:
    train_tokenizer(folder, vocabulary=params().tokenize.vocab_size)
    data = datasets.Dataset.from_dict(encoded(folder, read_split("train", 2000)))
    train = Train.model_validate(params().train.model_dump() | {"max_steps": steps})
    model = scratch(folder, seed=params().train.seed)
    with tempfile.TemporaryDirectory() as checkpoints:
        ours(model, data, train, Path(checkpoints)).train()
    save_model(model, folder, max_new_tokens=params().generate.max_new_tokens)


def write_kobart(folder: Path, *, layers: int, d_model: int) -> None:
    """Write a model of KoBART's shape: https://huggingface.co/gogamza/kobart-base-v2."""
    train_tokenizer(folder, vocabulary=VOCABULARY)
    tokenizer = read_tokenizer(folder)
    pad, bos, eos = (tokenizer.token_to_id(token) for token in ("<pad>", "<s>", "</s>"))
    torch.manual_seed(0)
    config = BartConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=1024,
        d_model=d_model,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=4 * d_model,
        decoder_ffn_dim=4 * d_model,
        pad_token_id=pad,
        bos_token_id=bos,
        eos_token_id=eos,
        decoder_start_token_id=eos,
        forced_eos_token_id=None,
        normalize_before=False,
        normalize_embedding=True,
        add_final_layer_norm=False,
        add_bias_logits=False,
    )
    model = BartForConditionalGeneration(config)
    # Untrained, it would repeat its first token, which is the one that ends a summary.
    model.final_logits_bias[0, eos] = -100
    save_model(model, folder, max_new_tokens=100)


if __name__ == "__main__":
    run(
        measure,
        quick={"rows": 4, "new_tokens": 8, "scratch_rows": 8, "scratch_steps": 2, "rounds": 1},
    )
