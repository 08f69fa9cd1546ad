import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
import torch
from tokenizers import Tokenizer
from transformers.trainer_pt_utils import LabelSmoother

from stages.model import cpu
from stages.model.device import autocast_format
from stages.model.kinds import read_config
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.seq2seq import build_model, collate
from stages.model.tokenizer import encode, read_tokenizer
from stages.model.trainer import LengthTrainer, training_arguments
from stages.params import Params

Change = Callable[..., Params]
Trainers = Callable[..., LengthTrainer]


def token_rows(tokenizer: Tokenizer, dialogues: list[tuple[str, str]]) -> datasets.Dataset:
    columns = {
        name: [encoded.ids for encoded in encode(tokenizer, texts, max_tokens=64)]
        for name, texts in zip(["input_ids", "labels"], zip(*dialogues, strict=True), strict=True)
    }
    return datasets.Dataset.from_dict(columns)


@pytest.fixture
def trainer(tokenizer: Tokenizer, dialogues: list[tuple[str, str]], tmp_path: Path) -> Trainers:
    """Return `trainer(params, model=None)` for the dialogues, whose every score is 1."""

    def build(params: Params, model: Any = None) -> LengthTrainer:
        model = model or build_model(params.model, tokenizer=tokenizer, positions=64, seed=3)
        rows = token_rows(tokenizer, dialogues)
        return LengthTrainer(
            model, rows, params.train, score=lambda _: 1.0, folder=tmp_path / "checkpoints"
        )

    return build


@pytest.fixture
def model_of(
    change: Change, tokenizer: Tokenizer, pretrained_folder: Callable[[str], Path], tmp_path: Path
) -> Callable[[str], tuple[Any, Tokenizer]]:
    """Return the function that gives a tiny model without dropout, and its tokenizer."""

    def build(kind: str) -> tuple[Any, Tokenizer]:
        name, own = "scratch", tokenizer
        if kind != "scratch":
            name = str(pretrained_folder(kind))
            save_pretrained_tokenizer(name, read_config(name), folder=tmp_path / "tokenizer")
            own = read_tokenizer(tmp_path / "tokenizer")
        settings = change("model.name", name, "model.dropout", 0.0).model
        return build_model(settings, tokenizer=own, positions=64, seed=3), own

    return build


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("kind", ["scratch", "bart", "mbart", "t5"])
def test_the_loss_is_the_one_of_transformers(
    change: Change,
    trainer: Trainers,
    model_of: Callable[[str], tuple[Any, Tokenizer]],
    dialogues: list[tuple[str, str]],
    kind: str,
    smoothing: float,
) -> None:
    model, tokenizer = model_of(kind)
    batch = collate(list(token_rows(tokenizer, dialogues)), pad=model.config.pad_token_id)
    assert (batch["labels"] == -100).any()
    made = trainer(change("train.label_smoothing", smoothing), model)
    model.eval()
    batch = {name: tensor.to(made.model.device) for name, tensor in batch.items()}
    with torch.no_grad():
        ours = made.compute_loss(model, batch)
        outputs = model(**batch)
        theirs = LabelSmoother(epsilon=smoothing)(outputs, batch["labels"])
    if not smoothing:
        torch.testing.assert_close(outputs.loss, theirs)
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["scratch", "t5"])
def test_the_gradient_is_the_one_of_transformers(
    tiny: Params,
    trainer: Trainers,
    model_of: Callable[[str], tuple[Any, Tokenizer]],
    dialogues: list[tuple[str, str]],
    kind: str,
) -> None:
    model, tokenizer = model_of(kind)
    made = trainer(tiny, model)
    model.eval()
    batch = collate(list(token_rows(tokenizer, dialogues)), pad=model.config.pad_token_id)
    batch = {name: tensor.to(made.model.device) for name, tensor in batch.items()}
    made.compute_loss(model, batch).backward()
    ours = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    LabelSmoother(epsilon=0.1)(model(**batch), batch["labels"]).backward()
    theirs = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    assert ours.keys() == theirs.keys()
    for name, gradient in theirs.items():
        torch.testing.assert_close(ours[name], gradient, rtol=1e-4, atol=1e-6)


def test_the_model_is_left_without_hooks(
    tiny: Params, trainer: Trainers, dialogues: list[tuple[str, str]], tokenizer: Tokenizer
) -> None:
    made = trainer(tiny)
    batch = collate(list(token_rows(tokenizer, dialogues)), pad=0)
    batch = {name: tensor.to(made.model.device) for name, tensor in batch.items()}
    logits = made.model(**batch).logits.shape
    made.compute_loss(made.model, batch)
    with pytest.raises(IndexError):  # out of the vocabulary
        made.compute_loss(made.model, batch | {"input_ids": batch["input_ids"].cpu() + 10**6})
    assert made.model(**batch).logits.shape == logits


def test_every_epoch_gives_each_row_once_in_an_order_of_its_own(
    change: Change, trainer: Trainers, tokenizer: Tokenizer, dialogues: list[tuple[str, str]]
) -> None:
    made = trainer(change("train.batch_size", 5, "train.epochs", 3))
    rows = [tuple(row["input_ids"]) for row in token_rows(tokenizer, dialogues)]
    seen: list[int] = []
    compute_loss = made.compute_loss

    def watched(model: Any, inputs: dict[str, torch.Tensor], *rest: Any, **more: Any) -> Any:
        for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True):
            seen.append(rows.index(tuple(ids[mask == 1].tolist())))
        return compute_loss(model, inputs, *rest, **more)

    made.compute_loss = watched  # type: ignore[method-assign]
    made.train()
    epochs = [seen[i : i + len(rows)] for i in range(0, len(seen), len(rows))]
    assert [sorted(epoch) for epoch in epochs] == [list(range(len(rows)))] * 3
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_eight_at_once_equal_four_times_two(
    change: Change, trainer: Trainers, tokenizer: Tokenizer, dialogues: list[tuple[str, str]]
) -> None:
    # Eight rows are one step either way; smaller batches only deal them out in another order.
    def trained(batch_size: int, steps: int) -> dict[str, torch.Tensor]:
        params = change(
            *("model.dropout", 0.0, "train.epochs", 4, "train.lr", 1e-2),
            *("train.batch_size", batch_size, "train.gradient_accumulation_steps", steps),
        )
        model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=3)
        made = trainer(params, model)
        made.train_dataset = token_rows(tokenizer, dialogues[:8])
        made.train()
        assert made.state.global_step == 4
        return dict(made.model.named_parameters())

    whole, parts = trained(8, 1), trained(2, 4)
    for name, weight in whole.items():
        torch.testing.assert_close(parts[name], weight, rtol=1e-5, atol=1e-5)


def test_the_params_arrive_under_the_trainers_names(change: Change, tmp_path: Path) -> None:
    train = change(
        *("train.seed", 5, "train.lr", 3e-4, "train.batch_size", 3, "train.epochs", 1.5),
        *("train.gradient_accumulation_steps", 2, "train.weight_decay", 0.2),
        *("train.warmup_ratio", 0.25, "train.max_grad_norm", 0.5, "train.optim", "sgd"),
        *("train.momentum", 0.8, "train.lr_scheduler_type", "cosine"),
    ).train
    made = training_arguments(train, tmp_path)
    assert (made.seed, made.learning_rate, made.per_device_train_batch_size) == (5, 3e-4, 3)
    assert (made.num_train_epochs, made.max_steps) == (1.5, -1)
    assert (made.gradient_accumulation_steps, made.weight_decay) == (2, 0.2)
    assert made.get_warmup_steps(100) == 25
    assert (made.max_grad_norm, made.optim, made.optim_args) == (0.5, "sgd", "momentum=0.8")
    assert made.lr_scheduler_type == "cosine"
    assert (made.bf16, made.fp16) == (False, False)


def test_momentum_reaches_the_optimizer(change: Change, trainer: Trainers) -> None:
    for optim in ["sgd", "rmsprop"]:
        made = trainer(change("train.optim", optim, "train.momentum", 0.7))
        made.create_optimizer()
        assert {group["momentum"] for group in made.optimizer.param_groups} == {0.7}


@pytest.mark.parametrize("optim", ["adamw_torch", "adafactor", "sgd", "rmsprop", "adagrad"])
def test_every_optimizer_lowers_the_loss(change: Change, trainer: Trainers, optim: str) -> None:
    lr = {"sgd": 0.3, "adagrad": 0.03, "rmsprop": 2e-3, "adafactor": 1e-2}.get(optim, 1e-2)
    made = trainer(change("train.optim", optim, "train.lr", lr, "train.epochs", 5))
    made.train()
    losses = [entry["loss"] for entry in made.state.log_history if "loss" in entry]
    assert losses[-1] < losses[0] - 0.2


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("linear", [0, 1 / 2, 1, 1 / 3]),
        ("cosine", [0, 1 / 2, 1, (1 + math.cos(math.pi * 2 / 3)) / 2]),
        ("constant", [1, 1, 1, 1]),
        ("constant_with_warmup", [0, 1 / 2, 1, 1]),
        ("polynomial", [0, 1 / 2, 1, 1 / 3]),
        ("inverse_sqrt", [0, 1 / 2, 1, (2 / 6) ** 0.5]),
    ],
)
def test_every_course_of_the_learning_rate(
    change: Change, trainer: Trainers, course: str, expected: list[float]
) -> None:
    # Eight steps, two of warm-up; the rate of the 1st, 2nd, 3rd and 7th as a share of its peak.
    params = change(
        *("train.max_steps", 8, "train.warmup_ratio", 0.25, "train.batch_size", 12),
        *("train.lr_scheduler_type", course, "train.lr", 1e-2),
    )
    made = trainer(params)
    made.train()
    rates = {e["step"]: e["learning_rate"] for e in made.state.log_history if "loss" in e}
    assert [rates[step] / 1e-2 for step in (1, 2, 3, 7)] == pytest.approx(expected, abs=1e-4)


def test_max_steps_take_the_place_of_epochs(change: Change, trainer: Trainers) -> None:
    made = trainer(change("train.max_steps", 4, "train.epochs", 50))  # three steps an epoch
    made.train()
    assert made.state.global_step == 4
    scores = [e["epoch"] for e in made.state.log_history if "eval_rouge_mean" in e]
    assert scores == pytest.approx([1.0, 4 / 3], abs=0.01)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize(("precision", "rounded"), [("bf16", True), ("fp32", False)])
def test_bf16_on_a_cpu_lets_the_products_of_the_weights_round_and_nothing_else(
    precision: str,
    rounded: bool,
    change: Change,
    trainer: Trainers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cpu, "onednn_pays", lambda: False)
    made = trainer(change("train.precision", precision, "train.max_steps", 2))
    seen = set()

    def note(_layer: Any, _inputs: Any, output: torch.Tensor) -> None:
        seen.add((output.dtype, torch.backends.mkldnn.matmul.fp32_precision == "bf16"))

    made.model.get_encoder().layers[0].fc1.register_forward_hook(note)
    made.train()
    assert seen == {(torch.float32, rounded)}
    assert {weight.dtype for weight in made.model.parameters()} == {torch.float32}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize(
    ("weights", "precision", "expected"),
    [
        (torch.float32, "fp32", None),
        (torch.float32, "bf16", None),
        (torch.bfloat16, "fp32", None),
        (torch.bfloat16, "bf16", torch.bfloat16),
    ],
)
def test_on_a_cpu_autocast_is_for_weights_that_are_in_bf16(
    weights: torch.dtype,
    precision: str,
    expected: torch.dtype | None,
    tiny: Params,
    trainer: Trainers,
) -> None:
    model = trainer(tiny).model.to("cpu", weights)
    assert autocast_format(model, precision) == expected


def test_a_model_that_is_still_on_the_cpu_is_trained_in_the_format_of_the_gpu(
    tiny: Params, trainer: Trainers, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trainer(tiny).model.cpu()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert autocast_format(model, "auto") == torch.bfloat16
    assert autocast_format(model, "fp32") is None


def test_nothing_warns(tiny: Params, trainer: Trainers) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trainer(tiny).train()
