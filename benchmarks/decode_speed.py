"""How fast dev is decoded, beside `generate()` in the order of the file and in batches of 32.

The models have random weights: one of KoBART's size, and the scratch model of params.yaml. They
write until they may not go on, so the cap stands for the length of a real summary. Converting the
model for CTranslate2 is told apart: it takes as long for one dialogue as for all.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import BartConfig, BartForConditionalGeneration

from benchmarks.ratio import Ratio, medians, run, seconds
from benchmarks.real_data import encoded, params, read_split, train_tokenizer
from benchmarks.train_speed import scratch
from stages.model.engine import Summarizer, read_summarizer
from stages.model.tokenizer import decode, read_tokenizer
from stages.model.weights import read_model, save_model
from stages.params import Engine, Generate

BATCH = 32
KOBART: dict[Engine, float | None] = {"ctranslate2": 6, "ctranslate2-int8": 8, "torch": None}
"""Engine → goal."""
SCRATCH: dict[Engine, float | None] = {"ctranslate2": 7, "torch": None}
VOCABULARY, HEADS = 30_000, 16

Ids = list[list[int]]


def measure(
    *,
    rows: int = 48,
    scratch_rows: int = 499,
    layers: int = 6,
    d_model: int = 768,
    new_tokens: int = 40,
    rounds: int = 3,
) -> list[Ratio]:
    """Return the ratio of the seconds for each model and engine; all decode with 4 beams."""
    changes = {"num_beams": 4, "max_new_tokens": new_tokens}
    settings = Generate.model_validate(params().generate.model_dump() | changes)
    ratios: list[Ratio] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for model, goals, dialogues in (
            ("kobart", KOBART, rows),
            ("scratch", SCRATCH, scratch_rows),
        ):
            make = _kobart if model == "kobart" else _scratch
            make(folder / model, layers, d_model)
            sources = encoded(folder / model, read_split("dev", dialogues))["input_ids"]
            ratios += _compare(folder / model, sources, settings, goals, rounds=rounds)
    return ratios


def _compare(
    folder: Path,
    sources: Ids,
    settings: Generate,
    goals: Mapping[Engine, float | None],
    *,
    rounds: int,
) -> list[Ratio]:
    threads = torch.get_num_threads()
    plain = read_model(folder)
    loading: dict[Engine, float] = {}
    engines: dict[Engine, Summarizer] = {}
    for engine in goals:
        loading[engine] = seconds(
            lambda engine=engine: engines.update({engine: read_summarizer(folder, engine)})
        )
    written: dict[str, Ids] = {}

    def timed(name: str, decode_all: Callable[[], Ids]) -> Callable[[], float]:
        def once() -> float:
            torch.set_num_threads(threads)  # CTranslate2 leaves one
            return seconds(lambda: written.update({name: decode_all()}))

        return once

    sides = {"generate()": timed("generate()", lambda: in_file_order(plain, sources, settings))}
    for engine, summarizer in engines.items():
        sides[engine] = timed(engine, lambda one=summarizer: one.generate(sources, settings))
    found = medians(sides, rounds=rounds)
    tokenizer = read_tokenizer(folder)
    theirs = decode(tokenizer, written["generate()"])
    return [
        Ratio(
            f"decode_speed.{folder.name}.{engine}",
            round(found["generate()"] / found[engine], 2),
            goal,
            f"generate() in file order, batch {BATCH}; {same} of {len(sources)} texts are the same",
            "times as fast",
            f"{found[engine]:.1f} s, read in {loading[engine]:.1f} s",
            f"{found['generate()']:.1f} s",
        )
        for engine, goal in goals.items()
        for same in [_same(decode(tokenizer, written[engine]), theirs)]
    ]


def in_file_order(model: Any, sources: Ids, settings: Generate) -> Ids:
    """Decode as most scripts do: 32 dialogues at a time as they come, padded to the longest."""
    summaries: Ids = []
    for start in range(0, len(sources), BATCH):
        batch = [torch.tensor(source) for source in sources[start : start + BATCH]]
        ids = torch.nn.utils.rnn.pad_sequence(
            batch, batch_first=True, padding_value=model.config.pad_token_id
        )
        with torch.inference_mode():
            generated = model.generate(
                input_ids=ids.to(model.device),
                attention_mask=(ids != model.config.pad_token_id).long().to(model.device),
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


def _scratch(folder: Path, layers: int, d_model: int) -> None:
    train_tokenizer(folder, vocabulary=params().tokenize.vocab_size)
    save_model(scratch(folder), folder, max_new_tokens=params().generate.max_new_tokens)


def _kobart(folder: Path, layers: int, d_model: int) -> None:
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
    save_model(BartForConditionalGeneration(config), folder, max_new_tokens=100)


if __name__ == "__main__":
    run(measure, quick={"rows": 4, "scratch_rows": 16, "new_tokens": 10, "rounds": 1})
