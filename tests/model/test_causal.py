import inspect
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import pytest
import torch
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.command.progress import progress_bar
from stages.dialogue.records import Record
from stages.model import causal, seq2seq
from stages.model.batches import targets_of
from stages.model.causal_tokenizer import save_causal_tokenizer
from stages.model.examples import encode_pairs
from stages.model.fine_tune import fine_tune
from stages.model.kind import build_model
from stages.model.kinds import read_config
from stages.model.prompt import RenderedPrompt, read_prompt
from stages.model.tokenizer import decode, encode_dialogues, read_tokenizer
from stages.model.torch_engine import Torch
from stages.model.trainer import LengthTrainer
from stages.params import Generate, Params, Prompt
from tests.conftest import tiny_params
from tests.model.kinds import CAUSAL_KINDS

PROMPT = Prompt(system="", user="요약하세요.\n\n{dialogue}", thinking=False)
LIMITS = (640, 64)


class Made(NamedTuple):
    """A tiny decoder-only model with its tokenizer."""

    model: Any
    tokenizer: Tokenizer
    prompt: RenderedPrompt
    folder: Path
    params: Params

    def rows(self, pairs: list[tuple[str, str]]) -> list[dict[str, list[int]]]:
        sources, targets = encode_pairs(self.tokenizer, records_of(pairs), self.prompt, LIMITS)
        return [
            {"input_ids": s.ids, "labels": t.ids} for s, t in zip(sources, targets, strict=True)
        ]

    def sources(self, dialogues: list[str], *, most: int = 640) -> list[list[int]]:
        encoded = encode_dialogues(self.tokenizer, dialogues, max_tokens=most, prompt=self.prompt)
        return [one.ids for one in encoded]


def records_of(pairs: list[tuple[str, str]]) -> list[Record]:
    return [Record(str(i), dialogue, (text,), "") for i, (dialogue, text) in enumerate(pairs)]


def made(name: Path, folder: Path, *changes: Any) -> Made:
    params = tiny_params("model.name", str(name), "train.precision", "fp32", *changes)
    save_causal_tokenizer(str(name), read_config(str(name)), PROMPT, language="ko", folder=folder)
    model = build_model(
        params.model, params.lora, folder=folder, positions=704, seed=1, precision="fp32"
    )
    prompt = read_prompt(folder)
    assert prompt
    return Made(model.eval(), read_tokenizer(folder), prompt, folder, params)


@pytest.fixture(params=CAUSAL_KINDS)
def causal_model(
    request: pytest.FixtureRequest, pretrained_folder: Callable[[str], Path], tmp_path: Path
) -> Made:
    return made(pretrained_folder(request.param), tmp_path / "tokenizer")


@pytest.fixture
def qwen3(pretrained_folder: Callable[[str], Path], tmp_path: Path) -> Made:
    return made(pretrained_folder("qwen3"), tmp_path / "tokenizer")


def settings(params: Params, **changes: Any) -> Generate:
    return Generate.model_validate(
        params.generate.model_dump() | {"engine": "torch", "max_new_tokens": 12} | changes
    )


def test_both_kinds_have_the_same_functions() -> None:
    names = (
        *("read_model", "row_lengths", "collate", "logits_of_summaries", "check_length"),
        *("encode_batches", "decode_batch", "hypotheses"),
    )
    for name in names:
        one, other = (inspect.signature(getattr(kind, name)) for kind in (causal, seq2seq))
        assert list(one.parameters) == list(other.parameters)


def test_the_loss_is_transformers_own_over_the_summaries_alone(
    causal_model: Made, dialogues: list[tuple[str, str]]
) -> None:
    model, rows = causal_model.model, causal_model.rows(dialogues[:5])
    longest = max(len(row["input_ids"] + row["labels"]) for row in rows)
    ids, labels, mask = [], [], []
    for row in rows:
        whole = row["input_ids"] + row["labels"]
        gap = longest - len(whole)
        ids.append(whole + [0] * gap)
        labels.append([-100] * len(row["input_ids"]) + row["labels"] + [-100] * gap)
        mask.append([1] * len(whole) + [0] * gap)
    inputs = causal.collate(rows, pad=model.config.pad_token_id)
    with torch.inference_mode():
        theirs = model(
            input_ids=torch.tensor(ids),
            attention_mask=torch.tensor(mask),
            labels=torch.tensor(labels),
        ).loss
        logits = causal.logits_of_summaries(model, model, inputs)
        ours = torch.nn.functional.cross_entropy(logits, targets_of(inputs))
    assert torch.isclose(ours, theirs, rtol=1e-5)
    assert len(logits) == sum(len(row["labels"]) for row in rows)


def test_a_batch_without_a_summary_is_refused() -> None:
    with pytest.raises(ValueError, match="no token of a summary"):
        causal.collate([{"input_ids": [1, 2], "labels": []}], pad=0)
    with pytest.raises(ValueError, match="no token of a summary"):
        seq2seq.collate([{"input_ids": [1, 2], "labels": []}], pad=0)


def test_labels_end_in_the_templates_end_of_turn(
    causal_model: Made, dialogues: list[tuple[str, str]]
) -> None:
    end = causal_model.tokenizer.token_to_id(causal_model.prompt.summary.after)
    assert causal_model.model.config.eos_token_id == end
    for row in causal_model.rows(dialogues):
        assert row["labels"][-1] == end
        assert row["labels"].count(end) == 1


def test_no_token_is_added_and_no_embedding_grows(
    causal_model: Made,
) -> None:
    from transformers import AutoConfig

    base = AutoConfig.from_pretrained(causal_model.params.model.name)
    assert causal_model.model.get_input_embeddings().num_embeddings == base.vocab_size
    assert causal_model.tokenizer.get_vocab_size() <= base.vocab_size
    ids = causal_model.tokenizer.encode("#Person1#", add_special_tokens=False).ids
    assert decode(causal_model.tokenizer, [ids]) == ["#Person1#"]


TURNS = [f"#Person{i % 2 + 1}#: {'그래 ' * 3}{i}번째 이야기야." for i in range(40)]


def test_what_does_not_fit_is_whole_turns_of_the_dialogue_and_counted(qwen3: Made) -> None:
    whole, _ = encode_pairs(
        qwen3.tokenizer, [Record("a", "\n".join(TURNS), ("요약.",), "")], qwen3.prompt, (5000, 64)
    )
    (cut,), _ = encode_pairs(
        qwen3.tokenizer, [Record("a", "\n".join(TURNS), ("요약.",), "")], qwen3.prompt, (400, 64)
    )
    text = qwen3.tokenizer.decode(cut.ids, skip_special_tokens=False)
    before, after = qwen3.prompt.dialogue
    assert len(whole[0].ids) > 400 >= len(cut.ids)
    assert text == before + "\n".join(TURNS[: 40 - cut.turns_left_out]) + after
    assert 0 < cut.turns_left_out < 40
    assert not cut.cut


def test_a_long_summary_is_not_cut_but_its_dialogue(qwen3: Made) -> None:
    summary = "아주 긴 요약이다. " * 20
    record = Record("a", "\n".join(TURNS), (summary,), "")
    (source,), (target,) = encode_pairs(qwen3.tokenizer, [record], qwen3.prompt, (400, 64))
    assert decode(qwen3.tokenizer, [target.ids]) == [summary.strip()]
    assert len(target.ids) > 64
    assert len(source.ids) + len(target.ids) <= 464


def test_a_summary_that_leaves_no_room_is_told_by_its_row(qwen3: Made) -> None:
    record = Record("train_7", TURNS[0], ("아주 긴 요약이다. " * 200,), "")
    with pytest.raises(UserError, match=r"the summary of train_7 has \d+ tokens"):
        encode_pairs(qwen3.tokenizer, [record], qwen3.prompt, (200, 64))


@pytest.mark.parametrize("beams", [1, 3])
def test_a_summary_is_the_same_whatever_its_batch(
    causal_model: Made, dialogues: list[tuple[str, str]], beams: int
) -> None:
    texts = [dialogue for dialogue, _ in dialogues] + [TURNS[0], "\n".join(TURNS[:9])]
    sources = causal_model.sources(texts)
    decoder = Torch(causal_model.model)
    chosen = settings(causal_model.params, num_beams=beams)
    together = decoder.generate(sources, chosen)
    assert together == [decoder.generate([source], chosen)[0] for source in sources]


def test_greedy_decoding_is_what_the_logits_say(qwen3: Made) -> None:
    [source] = qwen3.sources([TURNS[0]])
    ids, end = list(source), qwen3.model.config.eos_token_id
    for _ in range(12):
        with torch.inference_mode():
            ids.append(int(qwen3.model(torch.tensor([ids])).logits[0, -1].argmax()))
        if ids[-1] == end:
            break
    written = [number for number in ids[len(source) :] if number != end]
    greedy = settings(qwen3.params, num_beams=1)
    assert Torch(qwen3.model).generate([source], greedy) == [written]


@pytest.mark.parametrize("size", [0, 2])
def test_rows_that_leave_a_batch_change_nothing(causal_model: Made, size: int) -> None:
    sources = causal_model.sources([*TURNS[:9], "\n".join(TURNS[:5])])
    model = causal_model.model
    chosen = settings(
        causal_model.params, num_beams=1, max_new_tokens=30, no_repeat_ngram_size=size
    )
    longest = Torch(model).generate(sources, chosen)
    # A token that some write early and some late or never: the end, from here on.
    counts = Counter(token for row in longest for token in dict.fromkeys(row))
    model.config.eos_token_id = min(counts, key=lambda token: abs(counts[token] - len(sources) / 2))
    model.generation_config.eos_token_id = model.config.eos_token_id
    [batch] = causal.encode_batches(model, sources, tokens=4096)
    ours = causal.decode_batch(model, batch, chosen)
    asked = causal._request(batch, chosen)
    with torch.inference_mode():
        theirs = model.generate(**asked)[:, batch.ids.shape[1] :].tolist()
    end = model.config.eos_token_id
    assert ours == [row[: row.index(end)] if end in row else row for row in theirs]
    assert len({len(row) for row in ours}) > 1


def test_what_a_dialogue_says_twice_a_summary_may_say_once() -> None:
    rule = causal.NoRepetition(2, prompt=4)
    scores = torch.zeros(1, 10)
    prompt = [5, 6, 5, 6]
    assert torch.isfinite(rule(torch.tensor([[*prompt, 5]]), scores)).all()
    ruled = rule(torch.tensor([[*prompt, 5, 6, 5]]), scores)
    assert ruled[0].isinf().nonzero().flatten().tolist() == [6]


def test_the_best_beam_is_the_summary(qwen3: Made) -> None:
    [source] = qwen3.sources([TURNS[0]])
    chosen = settings(qwen3.params, num_beams=3)
    beams = Torch(qwen3.model).hypotheses(source, chosen)
    assert len(beams) == 3
    assert beams[0].ids == Torch(qwen3.model).generate([source], chosen)[0]
    assert [beam.score for beam in beams] == sorted((b.score for b in beams), reverse=True)


def test_a_dialogue_longer_than_the_context_is_refused(qwen3: Made) -> None:
    with pytest.raises(UserError, match="has 1024 positions, too few for a prompt of 1020 tokens"):
        Torch(qwen3.model).generate([[1] * 1020], settings(qwen3.params))


def test_two_batches_of_four_give_the_training_of_one_of_eight(
    pretrained_folder: Callable[[str], Path], dialogues: list[tuple[str, str]], tmp_path: Path
) -> None:
    def losses(batch_size: int, parts: int) -> tuple[list[float], torch.Tensor]:
        one = made(
            *(pretrained_folder("qwen3"), tmp_path / f"{batch_size}"),
            *("train.batch_size", batch_size, "train.gradient_accumulation_steps", parts),
            *("train.epochs", 3, "train.optim", "sgd", "train.lr", 1e-2),
        )
        rows = datasets.Dataset.from_list(one.rows((dialogues * 3)[:29]))
        trainer = LengthTrainer(
            one.model,
            rows,
            one.params.train,
            score=lambda _: 1.0,
            folder=tmp_path / f"checkpoints-{batch_size}",
        )
        trainer.train()
        log = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        return log, one.model.get_input_embeddings().weight.detach()

    (whole, weights), (split, others) = losses(8, 1), losses(4, 2)
    assert len(whole) == len(split) > 5
    assert split == pytest.approx(whole, rel=1e-4)
    assert torch.allclose(weights, others, atol=1e-6)


def test_a_prompt_without_room_is_told_in_tokenize(
    qwen3: Made,
) -> None:
    from stages.tokenize import check_prompt

    with pytest.raises(UserError, match=r"^tokenize\.max_source_tokens: the prompt alone has \d+"):
        check_prompt(qwen3.tokenizer, qwen3.prompt, max_tokens=30)


def test_a_dialogue_is_learned_by_heart_with_its_end(
    qwen3: Made, dialogues: list[tuple[str, str]], tmp_path: Path
) -> None:
    pairs = dialogues[:2]
    train = qwen3.params.train.model_copy(
        update={"lr": 5e-3, "batch_size": 2, "epochs": 30.0, "label_smoothing": 0.0}
    )
    scores = iter(range(1, 100))
    with progress_bar() as bar:
        fine_tune(
            qwen3.model,
            datasets.Dataset.from_list(qwen3.rows(pairs * 4)),
            train,
            score=lambda _: float(next(scores)),
            checkpoints=tmp_path / "checkpoints",
            curves=tmp_path / "curves",
            progress=bar,
        )
    chosen = settings(qwen3.params, num_beams=1, max_new_tokens=60)
    ids = Torch(qwen3.model.eval()).generate(qwen3.sources([d for d, _ in pairs]), chosen)
    assert decode(qwen3.tokenizer, ids) == [summary for _, summary in pairs]
    assert all(len(one) < 59 for one in ids)
