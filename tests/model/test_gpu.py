"""What is done for a GPU, as far as it can be seen without one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import datasets
import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, masking_utils
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from stages.model import cpu, gpu
from stages.model.batches import LengthBatches
from stages.model.device import tuning
from stages.model.kinds import Room
from stages.model.seq2seq import build_model, collate
from stages.model.tokenizer import encode
from stages.model.torch_engine import Torch
from stages.model.trainer import LengthTrainer
from stages.params import Params

Change = Callable[..., Params]
cudnn_attends = torch.backends.cuda.cudnn_sdp_enabled

RANDOM = np.random.default_rng(0)
SOURCES = [min(512, int(n)) for n in RANDOM.lognormal(4.85, 0.6, 2000)]
TARGETS = [min(128, int(n)) for n in RANDOM.lognormal(3.2, 0.4, 2000)]
"""About as uneven as real pairs: mean 150 and 27 tokens, cut as params.yaml says."""


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let torch say that there is a GPU; nothing is computed on it."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


def rounded(lengths: list[int], step: int) -> int:
    return -(-max(lengths) // step) * step


def shapes(batch_size: int, step: int) -> list[tuple[int, int, int]]:
    """Return rows, source and target of each batch of an epoch."""
    return [
        (
            len(rows),
            rounded([SOURCES[row] for row in rows], step),
            rounded([TARGETS[row] for row in rows], step),
        )
        for rows in LengthBatches(SOURCES, batch_size=batch_size, seed=1)
    ]


def test_the_device_chooses() -> None:
    assert tuning(torch.device("cpu")) is cpu
    assert tuning(torch.device("cuda:1")) is gpu
    names = [{name for name in vars(one) if "fast" in name or name.isupper()} for one in (cpu, gpu)]
    assert names[1] <= names[0]


def broken_step() -> None:
    with gpu.fast_step():
        assert not cudnn_attends()
        raise KeyboardInterrupt


def test_cudnn_does_not_attend_in_a_step_and_does_again_behind_it() -> None:
    assert cudnn_attends()
    with pytest.raises(KeyboardInterrupt):
        broken_step()
    assert cudnn_attends()


def test_the_last_thread_that_leaves_a_step_changes_back_what_the_first_changed() -> None:
    find = masking_utils.find_packed_sequence_indices
    came, may_go = Event(), Event()

    def second() -> tuple[bool, Any]:
        with gpu.fast_step():
            came.set()
            assert may_go.wait(60)
            return cudnn_attends(), masking_utils.find_packed_sequence_indices

    with ThreadPoolExecutor(1) as thread:
        with gpu.fast_step():
            other = thread.submit(second)
            assert came.wait(60)
            changed = masking_utils.find_packed_sequence_indices
        assert not cudnn_attends()
        may_go.set()
        assert other.result() == (False, changed)
    assert changed != find
    assert (cudnn_attends(), masking_utils.find_packed_sequence_indices) == (True, find)


def test_cudnn_does_not_attend_where_a_gpu_decodes(
    tiny: Params, tokenizer: Tokenizer, dialogues: list[tuple[str, str]]
) -> None:
    model = build_model(tiny.model, tokenizer=tokenizer, positions=64, seed=3).eval()
    seen = {}
    for name, part in [("encoder", model.get_encoder()), ("decoder", model.get_decoder())]:
        part.register_forward_hook(lambda *_, name=name: seen.update({name: cudnn_attends()}))
    decoder = Torch(model)
    assert decoder.tokens == 4096
    decoder.tuning = gpu
    decoder.generate(ids(tokenizer, dialogues), tiny.generate)
    assert seen == {"encoder": False, "decoder": False}
    assert cudnn_attends()


@pytest.mark.usefixtures("on_gpu")
def test_lengths_are_rounded_up_to_64_on_a_gpu_as_far_as_there_are_positions() -> None:
    rows = [{"input_ids": [1] * 70, "labels": [1] * 9}]
    batch = collate(rows, pad=0)
    assert (batch["input_ids"].shape, batch["labels"].shape) == ((1, 128), (1, 64))
    assert batch["attention_mask"].sum() == 70
    few = collate(rows, pad=0, most=Room(100, 40))
    assert (few["input_ids"].shape, few["labels"].shape) == ((1, 100), (1, 40))


@pytest.mark.parametrize(("batch_size", "most"), [(16, 17), (50, 17)])
def test_an_epoch_meets_few_shapes(batch_size: int, most: int) -> None:
    every = shapes(batch_size, 1)
    few = shapes(batch_size, gpu.LENGTH_STEP)
    assert len(set(few)) <= most
    assert len(set(every)) > 0.9 * len(every)
    assert [rows for rows, *_ in few] == [rows for rows, *_ in every]


def test_the_rounding_computes_less_than_batches_by_chance_or_padding_to_512() -> None:
    computed = sum(rows * source for rows, source, _ in shapes(16, gpu.LENGTH_STEP))
    assert computed < 1.35 * sum(SOURCES)
    assert computed < 0.4 * 512 * len(SOURCES)


def ids(tokenizer: Tokenizer, dialogues: list[tuple[str, str]]) -> list[list[int]]:
    return [one.ids for one in encode(tokenizer, [d for d, _ in dialogues], max_tokens=64)]


def test_rounded_lengths_give_the_plain_loss(
    change: Change,
    tokenizer: Tokenizer,
    dialogues: list[tuple[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = list(zip(*dialogues, strict=True))
    columns = {
        name: [one.ids for one in encode(tokenizer, column, max_tokens=60)]
        for name, column in zip(["input_ids", "labels"], texts, strict=True)
    }
    params = change("model.dropout", 0.0, "train.max_steps", 20, "train.lr", 1e-2)

    def losses(step: int) -> list[float]:
        for tuned in (cpu, gpu):
            monkeypatch.setattr(tuned, "LENGTH_STEP", step)
        model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=3)
        rows = datasets.Dataset.from_dict(columns)
        made = LengthTrainer(model, rows, params.train, score=lambda _: 1.0, folder=tmp_path)
        made.train()
        return [entry["loss"] for entry in made.state.log_history if "loss" in entry]

    few = gpu.LENGTH_STEP
    plain, few_shapes = losses(1), losses(few)
    assert len(plain) == 20
    assert plain[-1] < plain[0] - 1
    assert few_shapes == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize(("has_it", "expected"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_card_that_has_bf16_decodes_in_it(
    tiny: Params,
    tokenizer: Tokenizer,
    dialogues: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    has_it: bool,
    expected: torch.dtype,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_it)
    model = build_model(tiny.model, tokenizer=tokenizer, positions=64, seed=3).eval()
    quick = gpu.for_decoding(model)
    assert {weight.dtype for weight in quick.parameters()} == {expected}
    written = Torch(quick).generate(ids(tokenizer, dialogues), tiny.generate)
    assert len(written) == len(dialogues)
    assert Torch(quick).hypotheses(ids(tokenizer, dialogues)[0], tiny.generate)


def read_causal(folder: Path) -> Any:
    """Return a model with rotary embeddings."""
    return AutoModelForCausalLM.from_pretrained(folder).eval()


def test_positions_are_as_exact_in_bf16(
    pretrained_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    folder = pretrained_folder("qwen3")
    exact, quick = read_causal(folder), gpu.for_decoding(read_causal(folder))
    as_read = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval()
    found = dict(quick.named_buffers())
    assert [name for name in found if name.endswith("inv_freq")]
    for name, frequencies in exact.named_buffers():
        assert torch.equal(found[name], frequencies), name
    ids = torch.arange(5, 65).view(1, 60)
    assert torch.equal(quick(input_ids=ids).logits, as_read(input_ids=ids).logits)


@pytest.mark.parametrize("recorded", [False, True])
def test_a_step_of_a_decoder_only_model_needs_no_mask_recorded_or_not(
    pretrained_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: recorded)
    attend, masks = ALL_ATTENTION_FUNCTIONS["sdpa"], []

    def watched(*args: Any, **kwargs: Any) -> Any:
        masks.append(args[4] if len(args) > 4 else kwargs["attention_mask"])
        return attend(*args, **kwargs)

    monkeypatch.setitem(ALL_ATTENTION_FUNCTIONS, "sdpa", watched)
    model = read_causal(pretrained_folder("qwen3"))
    with gpu.fast_step():
        model(input_ids=torch.arange(5, 17).view(2, 6), use_cache=False)
    assert masks
    assert all(mask is None for mask in masks)


def lacking(rows: int) -> Callable[..., None]:
    """Return a hook that has no memory for more rows."""

    def check(_module: Any, _args: Any, inputs: dict[str, Any]) -> None:
        if len(inputs["input_ids"]) > rows:
            raise torch.OutOfMemoryError

    return check


def test_less_is_decoded_at_once_where_the_memory_does_not_suffice(
    tiny: Params, tokenizer: Tokenizer, dialogues: list[tuple[str, str]]
) -> None:
    model = build_model(tiny.model, tokenizer=tokenizer, positions=64, seed=3).eval()
    sources = ids(tokenizer, dialogues)
    expected = Torch(model).generate(sources, tiny.generate)
    hook = model.get_encoder().register_forward_pre_hook(lacking(2), with_kwargs=True)
    told: list[int] = []
    decoder = Torch(model, keeps_encoded=True)
    assert decoder.generate(sources, tiny.generate, on_batch=told.append) == expected
    assert sum(told) == len(sources)
    assert decoder.tokens < 4096
    assert decoder.generate(sources, tiny.generate) == expected
    hook.remove()
    model.get_encoder().register_forward_pre_hook(lacking(0), with_kwargs=True)
    with pytest.raises(torch.OutOfMemoryError):
        Torch(model).generate(sources, tiny.generate)
