import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from stages.model import cpu
from stages.model.seq2seq import build_model
from stages.params import Params

PRECISION = torch.backends.mkldnn.matmul


def forward_backward(model: Any, *, seed: int = 0) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Return loss and gradients on one fixed batch."""
    torch.manual_seed(seed)
    ids = torch.arange(7, 47).view(2, 20)
    model.zero_grad()
    loss = model(input_ids=ids, labels=ids[:, :9].contiguous()).loss
    loss.backward()
    return loss.detach(), [p.grad.clone() for p in model.parameters() if p.grad is not None]


@pytest.fixture
def model(change: Callable[..., Params], tokenizer: Tokenizer) -> Any:
    settings = change("model.dropout", 0.0).model
    return build_model(settings, tokenizer=tokenizer, positions=64, seed=3).train()


@pytest.fixture
def by_onednn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take the way of a processor on which oneDNN pays, whatever this one is."""
    monkeypatch.setattr(cpu, "onednn_pays", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    yield
    assert PRECISION.fp32_precision != "bf16"


def test_a_fast_step_gives_the_loss_and_the_gradients_of_a_plain_one(model: Any) -> None:
    loss, gradients = forward_backward(model)
    with cpu.fast_step():
        fast_loss, fast_gradients = forward_backward(model)
    torch.testing.assert_close(fast_loss, loss, rtol=1e-6, atol=0)
    for fast, plain in zip(fast_gradients, gradients, strict=True):
        torch.testing.assert_close(fast, plain, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("by_onednn")
def test_attention_multiplies_by_mkl_and_weights_by_onednn(model: Any) -> None:
    seen = set()

    def note(name: str) -> Callable[..., None]:
        return lambda *_: seen.add((name, PRECISION.fp32_precision))

    attention = ALL_ATTENTION_FUNCTIONS["sdpa"]

    def watched(*args: Any, **kwargs: Any) -> Any:
        note("attention")()
        output, weights = attention(*args, **kwargs)
        output.grad_fn.register_prehook(note("attention backward"))
        return output, weights

    layer = model.get_encoder().layers[0]
    layer.fc1.register_forward_hook(note("weights"))
    layer.fc1.register_full_backward_hook(note("weights backward"))
    layer.self_attn.q_proj.register_full_backward_hook(note("query backward"))
    ALL_ATTENTION_FUNCTIONS["sdpa"] = watched
    try:
        with cpu.fast_step():
            forward_backward(model)
    finally:
        ALL_ATTENTION_FUNCTIONS["sdpa"] = attention
    assert seen == {
        ("attention", "none"),
        ("attention backward", "none"),
        ("weights", "bf16"),
        ("weights backward", "bf16"),
        ("query backward", "bf16"),
    }


@pytest.mark.usefixtures("by_onednn")
def test_frozen_weights_train_too(model: Any) -> None:
    model.get_encoder().requires_grad_(False)
    with cpu.fast_step():
        loss, gradients = forward_backward(model)
    assert torch.isfinite(loss)
    assert gradients


def interrupted_step() -> None:
    with cpu.fast_step():
        assert torch.nn.functional.dropout is cpu.dropout
        raise KeyboardInterrupt


@pytest.mark.usefixtures("by_onednn")
def test_an_error_leaves_nothing_behind() -> None:
    before = ALL_ATTENTION_FUNCTIONS["sdpa"], torch.nn.functional.dropout
    with pytest.raises(KeyboardInterrupt):
        interrupted_step()
    assert (ALL_ATTENTION_FUNCTIONS["sdpa"], torch.nn.functional.dropout) == before


@pytest.mark.skipif(cpu.mkl_kernels() is None, reason="this torch has no MKL that says its kernels")
def test_onednn_is_taken_where_mkl_takes_its_kernels_for_any_processor() -> None:
    code = "from stages.model.cpu import onednn_pays; print(onednn_pays())"
    as_on_an_amd = {"MKL_CBWR": "COMPATIBLE", "ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}  # no AMX there
    env = {**os.environ, **as_on_an_amd}
    told = subprocess.run([sys.executable, "-c", code], check=True, env=env, capture_output=True)
    assert told.stdout.decode().strip() == "True"


@pytest.mark.parametrize(
    ("kernels", "exact"),
    [
        pytest.param(5, 1.0, id="MKL has kernels for AVX2"),
        pytest.param(7, 1.0, id="and for AVX-512"),
        pytest.param(None, 1.0, id="MKL does not say"),
        pytest.param(cpu.FOR_ANY, 0.0, id="oneDNN rounds"),
    ],
)
def test_onednn_is_not_taken(
    kernels: int | None, exact: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "mkl_kernels", lambda: kernels)
    monkeypatch.setattr(cpu, "EXACT", exact)
    cpu.onednn_pays.cache_clear()
    try:
        assert not cpu.onednn_pays()
    finally:
        cpu.onednn_pays.cache_clear()


@given(st.floats(0.01, 0.9), st.integers(0, 9))
def test_dropout_keeps_its_share_and_the_mean(p: float, seed: int) -> None:
    torch.manual_seed(seed)
    size = 100_000
    dropped = cpu.dropout(torch.ones(size), p)
    kept = dropped[dropped != 0]
    deviation = (p * (1 - p) / size) ** 0.5
    assert abs(len(kept) / size - (1 - p)) < 6 * deviation
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - p)), rtol=1e-3, atol=0)


def test_dropout_drops_independently_of_the_place() -> None:
    torch.manual_seed(1)
    kept = (cpu.dropout(torch.ones(40_000, 4), 0.5) != 0).double()
    correlation = torch.corrcoef(kept.T) - torch.eye(4)
    assert correlation.abs().max() < 6 / 200


def test_dropout_is_the_seeds_and_its_gradient_is_its_mask() -> None:
    values = torch.randn(3, 5, 7, requires_grad=True)
    torch.manual_seed(2)
    first = cpu.dropout(values, 0.3)
    torch.manual_seed(2)
    assert torch.equal(first, cpu.dropout(values, 0.3))
    assert not torch.equal(first, cpu.dropout(values, 0.3))
    first.sum().backward()
    assert torch.equal(values.grad * values, first)


@pytest.mark.parametrize(("p", "training"), [(0.0, True), (1.0, True), (0.5, False)])
def test_dropout_without_chance_is_torchs(p: float, training: bool) -> None:
    values = torch.randn(5)
    expected = torch.nn.functional.dropout(values, p, training)
    assert torch.equal(cpu.dropout(values, p, training), expected)


def test_dropout_on_another_device_is_torchs() -> None:
    elsewhere = torch.ones(4, device="meta")
    assert cpu.dropout(elsewhere, 0.5).device.type == "meta"


def test_dropout_of_nothing_is_nothing() -> None:
    assert cpu.dropout(torch.empty(0, 3), 0.1).shape == (0, 3)
