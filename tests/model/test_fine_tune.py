import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.command.progress import progress_bar
from stages.model.fine_tune import History, fine_tune, last_checkpoint
from stages.model.kinds import read_config
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.seq2seq import build_model
from stages.model.tokenizer import decode, encode, read_tokenizer
from stages.model.torch_engine import Torch
from stages.params import Generate, Params, Train

Change = Callable[..., Params]


class Tuned(NamedTuple):
    """A model after its fine-tune."""

    weights: dict[str, torch.Tensor]
    history: History


class Stopped(Exception):  # noqa: N818 (nothing went wrong: a power cut)
    """What ends a training from outside."""


@pytest.fixture
def rows(tokenizer: Tokenizer, dialogues: list[tuple[str, str]]) -> datasets.Dataset:
    return as_rows(tokenizer, dialogues)


def as_rows(tokenizer: Tokenizer, dialogues: list[tuple[str, str]]) -> datasets.Dataset:
    columns = {
        name: [encoded.ids for encoded in encode(tokenizer, texts, max_tokens=64)]
        for name, texts in zip(["input_ids", "labels"], zip(*dialogues, strict=True), strict=True)
    }
    return datasets.Dataset.from_dict(columns)


@pytest.fixture
def tuned(tokenizer: Tokenizer, rows: datasets.Dataset) -> Callable[..., Tuned]:
    """Return `tuned(params, folder, scores)`; a score that is an exception is raised."""

    def tune(params: Params, folder: Path, scores: Any = None) -> Tuned:
        model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=params.train.seed)
        following: Iterator[Any] = iter(scores or count(1.0))

        def score(model: Any) -> float:  # noqa: ARG001
            value = next(following)
            if isinstance(value, Exception):
                raise value
            return float(value)

        with progress_bar() as bar:
            history = fine_tune(
                model,
                rows,
                params.train,
                score=score,
                checkpoints=folder,
                curves=folder.with_name("curves"),
                progress=bar,
            )
        return Tuned({n: t.cpu().clone() for n, t in model.state_dict().items()}, history)

    return tune


def same(one: Tuned, two: Tuned) -> bool:
    return all(torch.equal(one.weights[name], two.weights[name]) for name in one.weights)


def steps(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def overfitted(
    tokenizer: Tokenizer, model: Any, params: Params, folder: Path, pairs: Any, *, times: int = 60
) -> Any:
    """Train on `pairs` until they are known by heart; return the last loss and the summaries."""
    train = Train.model_validate(
        params.train.model_dump()
        | {"lr": 1e-2, "batch_size": len(pairs), "epochs": 2, "label_smoothing": 0.0}
        | {"weight_decay": 0.0, "warmup_ratio": 0.05}
    )
    with progress_bar() as bar:
        history = fine_tune(
            model,
            as_rows(tokenizer, pairs * times),
            train,
            score=better_each_time(),
            checkpoints=folder,
            curves=folder.with_name("curves"),
            progress=bar,
        )
    sources = as_rows(tokenizer, pairs)["input_ids"]
    changes = {"num_beams": 1, "max_new_tokens": 60}
    greedy = Generate.model_validate(params.generate.model_dump() | changes)
    return history.losses[-1][2], decode(tokenizer, Torch(model).generate(list(sources), greedy))


def better_each_time() -> Callable[[Any], float]:
    """Return a score that is better each time it is asked for."""
    scores = count(1.0)
    return lambda _model: next(scores)


def test_two_dialogues_are_learned_by_heart(
    change: Change, tokenizer: Tokenizer, dialogues: list[tuple[str, str]], tmp_path: Path
) -> None:
    params = change("model.dropout", 0.0)
    model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=1)
    pairs = dialogues[:2]
    loss, summaries = overfitted(tokenizer, model, params, tmp_path / "checkpoints", pairs)
    assert loss < 0.1
    assert summaries == [summary for _, summary in pairs]


@pytest.mark.parametrize("kind", ["bart", "mbart", "t5"])
def test_a_pretrained_model_learns_a_dialogue_by_heart(
    change: Change,
    pretrained_folder: Callable[[str], Path],
    dialogues: list[tuple[str, str]],
    tmp_path: Path,
    kind: str,
) -> None:
    # The decode starts with the same token as the labels in training, or this fails.
    save_pretrained_tokenizer(
        str(pretrained_folder(kind)), read_config(str(pretrained_folder(kind))), folder=tmp_path
    )
    tokenizer = read_tokenizer(tmp_path)
    params = change("model.name", str(pretrained_folder(kind)))
    model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=1)
    pairs = dialogues[1:2]
    _, (summary,) = overfitted(tokenizer, model, params, tmp_path / "checkpoints", pairs, times=120)
    assert "".join(summary.split()) == "".join(pairs[0][1].split())


def test_the_seed_decides_every_bit(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    first, again, other = (
        tuned(change("train.seed", seed), tmp_path / name)
        for seed, name in [(1, "a"), (1, "b"), (2, "c")]
    )
    assert same(first, again)
    assert first.history == again.history
    assert not same(first, other)


def test_the_weights_are_those_of_the_best_epoch(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    params = change("train.epochs", 3, "train.lr_scheduler_type", "constant")
    long = tuned(params, tmp_path / "a", [1, 9, 5])
    short = tuned(change("train.epochs", 2, "train.lr_scheduler_type", "constant"), tmp_path / "b")
    assert same(long, short)
    assert (long.history.best_epoch, long.history.best_score) == (2.0, 9.0)
    assert long.history.scores == [(1.0, 1.0), (2.0, 9.0), (3.0, 5.0)]
    assert long.history.steps == 9


def test_of_equal_epochs_the_first_is_the_best_in_history_and_weights(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    long = tuned(change("train.lr_scheduler_type", "constant"), tmp_path / "a", [4, 4])
    short = tuned(
        change("train.epochs", 1, "train.lr_scheduler_type", "constant"), tmp_path / "b", [4]
    )
    assert same(long, short)
    assert long.history.best_epoch == 1.0


def test_the_history_holds_the_curves(
    tiny: Params, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    history = tuned(tiny, tmp_path / "a", [1, 2]).history
    assert [step for step, *_ in history.losses] == [1, 2, 3, 4, 5, 6]
    assert [epoch for _, epoch, *_ in history.losses] == pytest.approx([i / 3 for i in range(1, 7)])
    assert all(4 < loss < 7 for _, _, loss, _ in history.losses)  # ln 400 = 6.0
    assert (history.steps, history.scores) == (6, [(1.0, 1.0), (2.0, 2.0)])


def test_patience_ends_a_training_that_gets_no_better(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    params = change("train.epochs", 9, "train.patience", 2)
    history = tuned(params, tmp_path / "a", [5, 6, 4, 4, 7]).history
    assert [score for _, score in history.scores] == [5, 6, 4, 4]
    assert history.best_epoch == 2.0


@pytest.mark.parametrize("stopped_in", [2, 3])
def test_a_stopped_training_goes_on_to_the_same_bits(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path, stopped_in: int
) -> None:
    params = change("train.epochs", 3, "train.gradient_accumulation_steps", 2)
    whole = tuned(params, tmp_path / "whole")
    scores = [1, 2, 3]
    with pytest.raises(Stopped):
        tuned(params, tmp_path / "parts", [*scores[: stopped_in - 1], Stopped()])
    resumed = tuned(params, tmp_path / "parts", scores[stopped_in - 1 :])
    assert same(whole, resumed)
    assert resumed.history.scores == whole.history.scores
    assert [row[:2] for row in resumed.history.losses] == [row[:2] for row in whole.history.losses]


def test_a_stopped_training_keeps_the_best_epoch_it_had(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    params = change("train.epochs", 3)
    whole = tuned(params, tmp_path / "whole", [9, 1, 2])
    with pytest.raises(Stopped):
        tuned(params, tmp_path / "parts", [9, 1, Stopped()])
    assert steps(tmp_path / "parts") == ["checkpoint-3", "checkpoint-6"]
    resumed = tuned(params, tmp_path / "parts", [2])
    assert same(whole, resumed)
    assert resumed.history.best_epoch == 1.0


def test_a_stopped_training_has_no_more_patience_than_before(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    params = change("train.epochs", 6, "train.patience", 2)
    scores = [9, 1, 2, 3, 4, 5]
    whole = tuned(params, tmp_path / "whole", scores)
    with pytest.raises(Stopped):
        tuned(params, tmp_path / "parts", [*scores[:2], Stopped()])
    resumed = tuned(params, tmp_path / "parts", scores[2:])
    assert resumed.history.scores == whole.history.scores == [(1, 9), (2, 1), (3, 2)]


def test_a_training_stopped_at_its_very_end_is_not_done_again(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    whole = tuned(change("train.epochs", 2), tmp_path / "whole", [1, 2])
    with pytest.raises(Stopped):
        tuned(change("train.epochs", 3), tmp_path / "parts", [1, 2, Stopped()])
    # Shorter params find their last checkpoint already there.
    resumed = tuned(change("train.epochs", 2), tmp_path / "parts", [Stopped()])
    assert resumed.history.steps == whole.history.steps


def test_a_checkpoint_that_was_not_finished_is_passed_over(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    params, folder = change("train.epochs", 3), tmp_path / "parts"
    whole = tuned(params, tmp_path / "whole", [9, 1, 2])
    with pytest.raises(Stopped):
        tuned(params, folder, [9, 1, Stopped()])
    state = folder / "checkpoint-6/trainer_state.json"
    state.write_text(state.read_text()[:100])
    assert last_checkpoint(folder) == str(folder / "checkpoint-3")
    resumed = tuned(params, folder, [1, 2])
    assert same(whole, resumed)


def test_a_checkpoint_without_a_state_is_passed_over(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path / "nowhere") is None
    for step in [5, 10, 20]:
        (tmp_path / f"checkpoint-{step}").mkdir()
        save_file({"weight": torch.ones(1)}, tmp_path / f"checkpoint-{step}/model.safetensors")
    assert last_checkpoint(tmp_path) is None
    for step in [5, 10]:
        (tmp_path / f"checkpoint-{step}/trainer_state.json").write_text(json.dumps({}))
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-10")
    weights = tmp_path / "checkpoint-10/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-5")


def test_a_training_that_diverges_says_what_to_lower(
    change: Change, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    params = change(
        *("train.lr", 1e6, "train.optim", "sgd", "train.max_grad_norm", 0.0, "train.epochs", 20)
    )
    with pytest.raises(UserError, match=r"the loss became (nan|inf) by step \d+.*lower train\.lr"):
        tuned(params, tmp_path / "a")


def test_too_little_memory_says_what_to_lower(
    tiny: Params, tokenizer: Tokenizer, rows: datasets.Dataset, tmp_path: Path
) -> None:
    model = build_model(tiny.model, tokenizer=tokenizer, positions=64, seed=1)

    def score(model: Any) -> float:
        return float(torch.empty(2**50, device=model.device).sum())  # four petabytes

    with progress_bar() as bar, pytest.raises(UserError, match=r"lower train\.batch_size"):
        fine_tune(
            model,
            rows,
            tiny.train,
            score=score,
            checkpoints=tmp_path / "checkpoints",
            curves=tmp_path / "curves",
            progress=bar,
        )


def test_another_error_is_passed_on(
    tiny: Params, tuned: Callable[..., Tuned], tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match="shapes differ"):
        tuned(tiny, tmp_path / "a", [RuntimeError("shapes differ")])


def test_a_kind_whose_loss_has_another_form_is_told_before_training(
    tiny: Params, tmp_path: Path
) -> None:
    from transformers import ProphetNetConfig, ProphetNetForConditionalGeneration

    sizes = {f"num_{half}_layers": 1 for half in ("encoder", "decoder")}
    heads = {f"num_{half}_attention_heads": 2 for half in ("encoder", "decoder")}
    wide = {"hidden_size": 32, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
    config = ProphetNetConfig(vocab_size=50, **sizes, **heads, **wide)
    rows = {"input_ids": [[5, 6, 7, 1], [8, 9, 1]], "labels": [[5, 1], [9, 8, 7, 1]]}
    with pytest.raises(UserError, match="models of kind prophetnet cannot be trained here"):
        fine_tune(
            ProphetNetForConditionalGeneration(config),
            datasets.Dataset.from_dict(rows),
            tiny.train,
            score=lambda _: 0.0,
            checkpoints=tmp_path / "checkpoints",
            curves=tmp_path / "curves",
            progress=progress_bar(),
        )
    assert list(tmp_path.iterdir()) == []
