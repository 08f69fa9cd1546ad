"""What makes a training step on a CPU fast: products by the faster library, cheap dropout.

Outside of `fast_step` nothing is changed. The same names as those of `gpu.py`; `device.tuning`
chooses between the two.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

LENGTH_STEP = 8
"""Lengths are rounded up to multiples of it: each new one costs the making of its kernels."""
PLACES_STEP = 1
"""The tokens of a batch that are learnt are padded to a multiple of it."""
TOKENS_IN_BATCH = 4096
"""Source tokens, padding counted, that are decoded at once; whatever the number of beams, so that
every setting of `generate` meets the same batches, and the same encoder outputs to the last bit."""
LEVELS = 2**16
"""Dropout's probability is rounded to one of so many."""
FOR_ANY = 0
"""What MKL calls its kernels that are of no instruction set."""
EXACT = 1e-5
"""Largest error of a product in fp32, beside its largest value; bf16's is 4e-3."""

_products: Any = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
_functions = torch.nn.functional
_dropout = torch.nn.functional.dropout


@contextmanager
def fast_step(*, rounded: bool = False) -> Iterator[None]:
    """Make a forward and a backward pass in this context fast where they run on a CPU.

    It replaces `torch.nn.functional.dropout`, which is where transformers' models find it, and
    where oneDNN pays, lets it do the products of the weights. Products inside of the attention stay
    with MKL, for they are small and each of them would wait for oneDNN. With `rounded` oneDNN may
    round what it multiplies to bf16, which it does where the processor has matrix units (AMX).
    """
    _functions.dropout = dropout  # type: ignore[assignment]
    onednn = rounded or onednn_pays()
    if onednn:
        attention = ALL_ATTENTION_FUNCTIONS["sdpa"]
        ALL_ATTENTION_FUNCTIONS["sdpa"] = by_mkl(attention)
        use_onednn(True)
    try:
        yield
    finally:
        _functions.dropout = _dropout
        if onednn:
            ALL_ATTENTION_FUNCTIONS["sdpa"] = attention
            use_onednn(False)


def recorder() -> None:
    """Record nothing: a CPU waits for no launches."""


def fast_decoding() -> Any:
    """Change nothing: nothing is dropped there, and torch's own choice is as fast."""
    return nullcontext()


def for_decoding(model: Any) -> Any:
    """Return the model as it is: few processors are faster in another number format."""
    return model


@cache
def onednn_pays() -> bool:
    """Tell whether oneDNN multiplies fp32 faster than MKL here, and as exactly.

    Where MKL takes its kernels for any processor and the processor has AVX2 or better, oneDNN does:
    of weights and activations of a training 420 GFLOP/s beside 200 on a processor with AVX-512.
    torch hands oneDNN its fp32 products only with leave to round to bf16; that none is rounded, for
    want of the matrix units that would gain by it, is seen by trying. Neither is a timing, which
    might choose otherwise in a busy moment: a run's weights would differ from its repeat's.
    """
    has_vectors = torch.backends.cpu.get_cpu_capability().startswith("AVX")
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not (has_onednn and has_vectors and mkl_kernels() == FOR_ANY):
        return False
    a, b = torch.randn(2, 256, 256, generator=torch.Generator().manual_seed(0))
    use_onednn(True)
    product = a @ b
    use_onednn(False)
    exact = a.double() @ b.double()
    return bool((product - exact).abs().max() < EXACT * exact.abs().max())


def mkl_kernels() -> int | None:
    """Return which kernels MKL has taken: `FOR_ANY`, 5 of AVX2, 7 and more of AVX-512; else None.

    It is asked itself, for it looks not only at what a processor can do: one that Intel did not
    make gets those for any. None where torch has no MKL in it, or one that does not say.
    """
    if not torch.backends.mkl.is_available():  # type: ignore[no-untyped-call]
        return None
    library = Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"
    try:
        return int(ctypes.CDLL(str(library)).mkl_serv_cpu_detect())
    except (OSError, AttributeError):
        return None


def use_onednn(wanted: bool) -> None:
    """Hand fp32 products to oneDNN, or to MKL as torch does by itself."""
    _products.fp32_precision = "bf16" if wanted else "none"


def by_mkl(attention: Any) -> Any:
    """Wrap an attention function so that its own products, forward and backward, are MKL's."""

    def wrapped(module: Any, query: Any, key: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        for projected in (query, key, value):  # where the backward pass leaves the attention
            if projected.requires_grad:
                projected.register_hook(lambda _: use_onednn(True))
        use_onednn(False)
        output, weights = attention(module, query, key, value, *args, **kwargs)
        use_onednn(True)
        if output.requires_grad:  # where it enters
            output.register_hook(lambda _: use_onednn(False))
        return output, weights

    return wrapped


def dropout(
    values: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> torch.Tensor:
    """Do what `torch.nn.functional.dropout` does in a third of its time.

    One number of torch's generator serves four values, 16 bits for each, so that `p` is rounded to
    a multiple of 2^-16; what is kept is scaled by the rounded `p`, and its mean stays exact.
    """
    dropped = round(p * LEVELS)
    if not training or inplace or not 0 < dropped < LEVELS or values.device.type != "cpu":
        return _dropout(values, p, training, inplace)
    bits = torch.empty(-(-values.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
    drawn = bits.view(torch.int16)[: values.numel()].view(values.shape)
    kept = (drawn >= dropped - LEVELS // 2).to(values.dtype)
    return values * kept.mul_(LEVELS / (LEVELS - dropped))
