"""Recorded steps, as far as they can be seen without a GPU: a recording is computed anew here."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
import torch
from tokenizers import Tokenizer
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from stages.model import cpu, gpu, trainer
from stages.model.device import device
from stages.model.kind import kind_of
from stages.model.recorded_steps import ASK_FOR_VALUES, RecordedSteps, may_record
from stages.model.seq2seq import build_model
from stages.model.tokenizer import encode
from stages.model.trainer import LengthTrainer
from stages.params import Params
from tests.model.kinds import CAUSAL_KINDS, KINDS

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
Change = Callable[..., Params]
Step = Callable[[], torch.Tensor]


class Rerun:
    """A recorder that computes its steps again, from and to the same memory, as a GPU would."""

    def __init__(self) -> None:
        self.plain = self.replayed = 0

    def run(self, step: Step) -> torch.Tensor:
        self.plain += 1
        return step()

    def record(self, step: Step) -> tuple["Replay", torch.Tensor] | None:
        loss = torch.full((), torch.nan, device=device())
        return Replay(self, step, loss), loss


class Replay:
    def __init__(self, recorder: Rerun, step: Step, loss: torch.Tensor) -> None:
        self.recorder, self.step, self.loss = recorder, step, loss

    def replay(self) -> None:
        self.recorder.replayed += 1
        self.loss.copy_(self.step())


class Small(Rerun):
    """A recorder whose memory suffices for one shape."""

    recorded = False

    def record(self, step: Step) -> tuple[Replay, torch.Tensor] | None:
        if self.recorded:
            return None
        self.recorded = True
        return super().record(step)


class Refused(Rerun):
    """A recorder of a model that asks for a value."""

    def record(self, step: Step) -> tuple[Replay, torch.Tensor]:
        raise RuntimeError("operation not permitted\nwhen stream is capturing")


@pytest.fixture
def train(
    tokenizer: Tokenizer,
    dialogues: list[tuple[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[list[float], dict[str, torch.Tensor]]]:
    """Return the function that trains, with a recorder or without; it gives losses and weights."""

    def run(
        params: Params, recorder: Rerun | None = None
    ) -> tuple[list[float], dict[str, torch.Tensor]]:
        monkeypatch.setattr(trainer, "tuning", lambda _: cpu)
        monkeypatch.setattr(cpu, "recorder", lambda: recorder)
        texts = list(zip(*dialogues, strict=True))
        columns = {
            name: [one.ids for one in encode(tokenizer, column, max_tokens=60)]
            for name, column in zip(["input_ids", "labels"], texts, strict=True)
        }
        model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=3)
        rows = datasets.Dataset.from_dict(columns)
        made = LengthTrainer(model, rows, params.train, score=lambda _: 1.0, folder=tmp_path)
        made.train()
        losses = [entry["loss"] for entry in made.state.log_history if "loss" in entry]
        return losses, {name: value.clone() for name, value in model.state_dict().items()}

    return run


def as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LENGTH_STEP", "PLACES_STEP"):
        monkeypatch.setattr(cpu, name, getattr(gpu, name))


@pytest.mark.parametrize("accumulated", [1, 2])
@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_recorded_steps_train_the_same(
    change: Change, train: Callable[..., Any], accumulated: int, dropout: float
) -> None:
    params = change(
        *("model.dropout", dropout, "train.max_steps", 20, "train.lr", 1e-2),
        *("train.gradient_accumulation_steps", accumulated, "train.batch_size", 4),
    )
    recorder = Rerun()
    plain, recorded = train(params), train(params, recorder)
    assert plain[0][-1] < plain[0][0] - 0.5
    assert recorded[0] == plain[0]
    assert all(torch.equal(recorded[1][name], value) for name, value in plain[1].items())
    assert recorder.replayed > recorder.plain
    assert recorder.replayed + recorder.plain == 20 * accumulated


def test_with_the_shapes_of_a_gpu_the_loss_stays_what_it_is(
    change: Change, train: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    params = change("model.dropout", 0.0, "train.max_steps", 20, "train.lr", 1e-2)
    plain, _ = train(params)
    recorder = Rerun()
    as_on_a_gpu(monkeypatch)
    rounded, _ = train(params, recorder)
    assert rounded == pytest.approx(plain, rel=1e-6)
    assert recorder.plain <= 2  # shapes in an epoch, that of its last batch counted


def test_a_model_that_cannot_be_recorded_is_trained_plainly_and_a_line_says_so(
    change: Change, train: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    params = change("train.max_steps", 6, "train.batch_size", 4)
    assert train(params, Refused())[0] == train(params)[0]
    [line] = [line for line in capsys.readouterr().out.splitlines() if "CUDA" in line]
    assert line == (
        "train: steps cannot be recorded as CUDA graphs, and take longer "
        "(operation not permitted when stream is capturing)"
    )


def test_ctrl_c_in_a_recording_ends_the_training(
    change: Change, train: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def record(*_: Any) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("the recording was not ended")  # as torch's own end of one says

    recorder = Rerun()
    monkeypatch.setattr(recorder, "record", record)
    with pytest.raises(KeyboardInterrupt):
        train(change("train.max_steps", 6, "train.batch_size", 4), recorder)


def test_a_shape_that_the_memory_does_not_suffice_for_is_trained_plainly_and_a_line_says_so(
    change: Change, train: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    params = change("train.max_steps", 20, "train.batch_size", 4, "train.lr", 1e-2)
    recorder = Small()
    assert train(params, recorder)[0] == train(params)[0]
    assert recorder.replayed
    assert recorder.plain > 2  # each time that another shape comes
    [line] = [line for line in capsys.readouterr().out.splitlines() if "record" in line]
    assert line == (
        "train: the memory does not suffice to record every step; the others take longer"
    )


def test_what_changes_outside_of_a_step_is_not_recorded(
    change: Change, tokenizer: Tokenizer, tiny: Params
) -> None:
    model = build_model(tiny.model, tokenizer=tokenizer, positions=64, seed=3)
    assert may_record(model, tiny.train)
    for key, value in [("gradient_checkpointing", True), ("processes", 2)]:
        assert not may_record(model, change(f"train.{key}", value).train)
    for key, value in [("decoder_layerdrop", 0.05), ("model_type", "led")]:
        other = copy.deepcopy(model)
        setattr(other.config, key, value)
        assert not may_record(other, tiny.train)


class Waits(TorchDispatchMode):
    """Notes what cannot be recorded: to ask for a value, or to copy one from outside."""

    NAMES = frozenset(
        {"_local_scalar_dense", "nonzero", "masked_select", "lift_fresh", "repeat_interleave"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        name = func.overloadpacket.__name__
        by_mask = name.startswith("index") and any(
            getattr(index, "dtype", None) == torch.bool
            for index in (args[1] if isinstance(args[1], list | tuple) else ())
        )
        if name in self.NAMES or by_mask:
            self.seen.append(name)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("kind", [kind for kind in (*KINDS, *CAUSAL_KINDS) if kind != "bert2bert"])
def test_no_kind_that_is_recorded_asks_for_a_value_in_a_step(
    tiny: Params,
    pretrained_folder: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    # transformers itself leaves some questions out while a step is recorded.
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    folder = pretrained_folder(kind)
    config = AutoConfig.from_pretrained(folder)
    auto = AutoModelForCausalLM if kind in CAUSAL_KINDS else AutoModelForSeq2SeqLM
    model = auto.from_pretrained(folder).train()
    model.config.pad_token_id = model.config.pad_token_id or 0
    model.config.decoder_start_token_id = getattr(config, "decoder_start_token_id", None) or 0
    rows = [{"input_ids": [5] * n, "labels": [6] * n} for n in (9, 5)]
    of_kind = kind_of(model.config)
    batch = of_kind.collate(rows, pad=model.config.pad_token_id)
    with Waits() as waits:
        of_kind.logits_of_summaries(model, model, batch).logsumexp(-1).sum().backward()
    assert may_record(model, tiny.train) == (not waits.seen)
    assert set(waits.seen) <= {"_local_scalar_dense", "lift_fresh"}
    assert (config.model_type in ASK_FOR_VALUES) == (kind in {"led", "longt5"})


def test_a_weight_that_another_shape_uses_gets_its_gradient_too() -> None:
    first, second = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))

    def step(inputs: dict[str, torch.Tensor], tokens: torch.Tensor) -> torch.Tensor:
        used = first if len(inputs["x"]) == 2 else torch.cat([first, second])
        loss = (inputs["x"] * used).sum() / tokens
        loss.backward()
        return loss.detach()

    steps = RecordedSteps([first, second], Rerun())
    for length in (2, 2, 4, 4, 2, 4):
        first.grad = second.grad = None
        x = torch.arange(1.0, length + 1)
        assert steps(step, {"x": x}, torch.tensor(2.0)) == x.sum() / 2
        assert torch.equal(first.grad, x[:2] / 2)
        if length == 4:
            assert torch.equal(second.grad, x[2:] / 2)
        else:
            assert second.grad is None or not second.grad.any()


@pytest.fixture
def train_on_gpu(
    tokenizer: Tokenizer, dialogues: list[tuple[str, str]], tmp_path: Path
) -> Callable[..., tuple[list[float], LengthTrainer]]:
    """Return the function that trains as the stage does, or plainly; it gives the losses too."""

    def run(params: Params, *, plainly: bool) -> tuple[list[float], LengthTrainer]:
        torch.cuda.empty_cache()
        columns = {
            name: [one.ids for one in encode(tokenizer, column, max_tokens=60)]
            for name, column in zip(
                ["input_ids", "labels"], zip(*dialogues, strict=True), strict=True
            )
        }
        model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=3)
        rows = datasets.Dataset.from_dict(columns)
        made = LengthTrainer(model.cuda(), rows, params.train, score=lambda _: 1.0, folder=tmp_path)
        made.recorded = None if plainly else made.recorded
        made.train()
        return [entry["loss"] for entry in made.state.log_history if "loss" in entry], made

    return run


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize(("precision", "apart"), [("fp32", 1e-4), ("bf16", 2e-2)])
def test_graphs_on_a_gpu_train_the_same(
    change: Change, train_on_gpu: Callable[..., Any], precision: str, apart: float
) -> None:
    params = change(
        *("train.precision", precision, "train.max_steps", 20, "train.batch_size", 4),
        *("model.dropout", 0.1, "train.lr", 3e-3),
    )
    plain, _ = train_on_gpu(params, plainly=True)
    recorded, made = train_on_gpu(params, plainly=False)
    assert recorded == pytest.approx(plain, rel=apart)
    assert plain[-1] < plain[0]
    assert made.recorded.recordings
    assert not made.recorded.gave_up


@pytest.mark.gpu
@needs_gpu
def test_a_recording_that_breaks_off_leaves_a_gpu_that_trains(
    change: Change, train_on_gpu: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    params = change("train.max_steps", 8, "model.dropout", 0.1, "train.batch_size", 4)
    plain, _ = train_on_gpu(params, plainly=True)
    as_it_is = trainer.targets_of
    asks = lambda inputs: as_it_is(inputs) + 0 * int(inputs["labels"].sum().item())  # noqa: E731
    monkeypatch.setattr(trainer, "targets_of", asks)
    broken, made = train_on_gpu(params, plainly=False)
    assert made.recorded.gave_up
    assert broken == pytest.approx(plain, rel=2e-2)
    held = torch.empty(2**28, dtype=torch.uint8, device="cuda")
    reserved = torch.cuda.memory_reserved()
    del held
    torch.cuda.empty_cache()
    assert torch.cuda.memory_reserved() <= reserved - 2**28  # is given back as before
    monkeypatch.undo()
    again, made = train_on_gpu(params, plainly=False)
    assert made.recorded.recordings
    assert again == pytest.approx(plain, rel=2e-2)
