import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
import torch

from stages.command.errors import UserError
from stages.command.progress import progress_bar
from stages.model import cpu, trainer
from stages.model.adapter import add_adapter, base_of, check_bitsandbytes
from stages.model.causal_tokenizer import save_causal_tokenizer
from stages.model.engine import read_summarizer
from stages.model.examples import encode_pairs
from stages.model.fine_tune import fine_tune
from stages.model.kind import build_model
from stages.model.kinds import read_config
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.prompt import read_prompt
from stages.model.recorded_steps import RecordedSteps
from stages.model.seq2seq import build_model as build_seq2seq
from stages.model.tokenizer import decode, encode, read_tokenizer
from stages.model.torch_engine import Torch
from stages.model.trained import save_model
from stages.model.trainer import training_arguments
from stages.params import Generate, Params
from tests.conftest import tiny_params
from tests.model.test_causal import PROMPT, records_of
from tests.model.test_cuda_graphs import Rerun, needs_gpu


class Stopped(Exception):  # noqa: N818 (what a user does)
    pass


class Project:
    """A pretrained folder of one kind, its tokenizer, and rows to train an adapter on."""

    def __init__(self, kind: str, base: Path, folder: Path, pairs: list[tuple[str, str]]) -> None:
        self.base = Path(shutil.copytree(base, folder / "base"))
        self.params = tiny_params(
            *("model.name", str(self.base), "lora.rank", 4, "lora.alpha", 8, "lora.dropout", 0.1),
            *("train.epochs", 4, "train.lr", 1e-2, "train.batch_size", 4),
        )
        self.folder, self.tokens = folder, folder / "tokens"
        config = read_config(str(self.base))
        if kind == "qwen3":
            save_causal_tokenizer(str(self.base), config, PROMPT, language="ko", folder=self.tokens)
        else:
            save_pretrained_tokenizer(str(self.base), config, folder=self.tokens, adds_tokens=False)
        limits = (640, 64) if kind == "qwen3" else (64, 64)
        self.tokenizer = read_tokenizer(self.tokens)
        encoded = encode_pairs(self.tokenizer, records_of(pairs), read_prompt(self.tokens), limits)
        self.rows = datasets.Dataset.from_list(
            [{"input_ids": s.ids, "labels": t.ids} for s, t in zip(*encoded, strict=True)]
        )

    def build(self) -> Any:
        params = self.params
        return build_model(
            params.model, params.lora, folder=self.tokens, positions=64, seed=1, precision="fp32"
        )

    def train(self, model: Any, scores: list[Any], name: str = "checkpoints") -> Any:
        waiting = iter(scores)

        def score(_: Any) -> float:
            value = next(waiting)
            if isinstance(value, Exception):
                raise value
            return float(value)

        with progress_bar() as bar:
            fine_tune(
                model,
                self.rows,
                self.params.train,
                score=score,
                checkpoints=self.folder / name,
                curves=self.folder / "curves",
                progress=bar,
            )
        return model

    def save(self, model: Any) -> Path:
        summarizer = self.folder / "summarizer"
        save_model(model, summarizer, max_new_tokens=20)
        shutil.copytree(self.tokens, summarizer, dirs_exist_ok=True)
        return summarizer

    def greedy(self) -> Generate:
        changes = {"num_beams": 1, "max_new_tokens": 20, "engine": "torch"}
        return Generate.model_validate(self.params.generate.model_dump() | changes)


@pytest.fixture(params=["qwen3", "bart", "t5-v1_1"])
def project(
    request: pytest.FixtureRequest,
    pretrained_folder: Callable[[str], Path],
    dialogues: list[tuple[str, str]],
    tmp_path: Path,
) -> Project:
    return Project(request.param, pretrained_folder(request.param), tmp_path, dialogues[:8])


@pytest.fixture
def causal(
    pretrained_folder: Callable[[str], Path], dialogues: list[tuple[str, str]], tmp_path: Path
) -> Project:
    return Project("qwen3", pretrained_folder("qwen3"), tmp_path, dialogues[:8])


def adapter_weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


def test_only_the_adapter_is_trained(project: Project) -> None:
    model = project.build()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    project.train(model, [1, 2, 3, 4])
    for name, parameter in model.named_parameters():
        changed = not torch.equal(before[name], parameter)
        assert changed == ("lora_" in name) == parameter.requires_grad, name


def test_the_adapter_is_what_is_stored_and_it_comes_back(project: Project) -> None:
    model = project.train(project.build(), [1, 2, 3, 4])
    summarizer = project.save(model)
    assert (summarizer / "adapter_model.safetensors").stat().st_size < (
        project.base / "model.safetensors"
    ).stat().st_size
    assert not (summarizer / "model.safetensors").exists()
    name, revision = base_of(summarizer)
    assert name == str(project.base)
    assert len(revision) == 40
    sources = [row["input_ids"] for row in project.rows]
    again = read_summarizer(summarizer, "torch").generate(sources, project.greedy())
    assert again == Torch(model.eval()).generate(sources, project.greedy())


def test_transformers_alone_reads_the_folder(causal: Project) -> None:
    from transformers import AutoModelForCausalLM

    model = causal.train(causal.build(), [1, 2, 3, 4]).eval()
    theirs = AutoModelForCausalLM.from_pretrained(causal.save(model)).eval()
    ids = torch.tensor([causal.rows[0]["input_ids"]])
    with torch.inference_mode():
        assert torch.allclose(theirs(ids).logits, model(ids).logits, atol=1e-5)


def test_no_token_is_added_where_an_adapter_trains(project: Project) -> None:
    base = read_config(str(project.base))
    assert project.build().get_input_embeddings().num_embeddings == base.vocab_size
    assert all(max(row["input_ids"] + row["labels"]) < base.vocab_size for row in project.rows)
    mask = encode(project.tokenizer, ["#Person1#"], max_tokens=64)[0]
    assert len(mask.ids) > 1
    assert decode(project.tokenizer, [mask.ids]) == ["#Person1#"]


def test_a_stopped_training_of_an_adapter_goes_on_to_the_same_bits(project: Project) -> None:
    whole = project.train(project.build(), [4, 3, 2, 1], "whole")
    with pytest.raises(Stopped):
        project.train(project.build(), [4, 3, Stopped()], "parts")
    resumed = project.train(project.build(), [2, 1], "parts")
    one, other = adapter_weights(whole), adapter_weights(resumed)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_best_epoch_is_kept(causal: Project) -> None:
    causal.params = tiny_params(
        *("model.name", str(causal.base), "lora.rank", 4, "train.epochs", 1, "train.lr", 1e-2),
        *("train.lr_scheduler_type", "constant", "train.warmup_ratio", 0.0),
    )
    first = causal.train(causal.build(), [1], "one")
    causal.params = tiny_params(
        *("model.name", str(causal.base), "lora.rank", 4, "train.epochs", 3, "train.lr", 1e-2),
        *("train.lr_scheduler_type", "constant", "train.warmup_ratio", 0.0),
    )
    best = causal.train(causal.build(), [9, 1, 2], "three")
    one, other = adapter_weights(first), adapter_weights(best)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_an_adapter_to_other_weights_is_refused(causal: Project) -> None:
    summarizer = causal.save(causal.train(causal.build(), [1, 2, 3, 4]))
    weights = causal.base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")
    with pytest.raises(UserError, match="an adapter to other weights than those that are now"):
        read_summarizer(summarizer, "torch")


def test_an_adapter_whose_base_is_gone_says_so(causal: Project) -> None:
    summarizer = causal.save(causal.build())
    shutil.rmtree(causal.base)
    with pytest.raises(UserError, match=r"is an adapter, and its base model is gone: model\.name"):
        read_summarizer(summarizer, "torch")


def test_targets_that_match_nothing_are_told_with_those_that_exist(causal: Project) -> None:
    lora = causal.params.lora.model_copy(update={"targets": ["q_proj", "query"]})
    with pytest.raises(UserError, match=r"^lora\.targets: .* named query; it has .*k_proj, o_proj"):
        build_model(
            causal.params.model, lora, folder=causal.tokens, positions=64, seed=1, precision="fp32"
        )


def test_targets_may_be_named(causal: Project) -> None:
    lora = causal.params.lora.model_copy(update={"targets": ["q_proj", "v_proj"]})
    model = build_model(
        causal.params.model, lora, folder=causal.tokens, positions=64, seed=1, precision="fp32"
    )
    layers = {name.split(".lora_")[0].rpartition(".")[2] for name in adapter_weights(model)}
    assert layers == {"q_proj", "v_proj"}


def test_the_first_adapter_changes_nothing(causal: Project) -> None:
    model = causal.build().eval()
    ids = torch.tensor([causal.rows[0]["input_ids"]])
    with torch.inference_mode(), model.disable_adapter():
        base = model(ids).logits
    with torch.inference_mode():
        assert torch.equal(model(ids).logits, base)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, so nothing is refused")
def test_four_and_eight_bits_need_a_gpu(causal: Project) -> None:
    with pytest.raises(UserError, match=r"^model\.quantize: 4bit needs a CUDA GPU.*to none$"):
        build_model(
            causal.params.model.model_copy(update={"quantize": "4bit"}),
            causal.params.lora,
            folder=causal.tokens,
            positions=64,
            seed=1,
            precision="fp32",
        )
    eight = causal.params.train.model_copy(update={"optim": "adamw_8bit"})
    with pytest.raises(UserError, match=r"^train\.optim: adamw_8bit needs a CUDA GPU"):
        training_arguments(eight, Path())
    with pytest.raises(UserError, match="x needs a CUDA GPU"):
        check_bitsandbytes("x", "y")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"lora": {"rank": 8}}, r"lora\.rank should be 0 with model\.name: scratch"),
        ({"model": {"quantize": "4bit", "name": "a/b"}}, r"lora\.rank should be above 0"),
        ({"lora": {"targets": []}}, r"lora\.targets: should be all_linear or a list of names"),
        (
            {"lora": {"targets": "linear"}},
            r"lora\.targets: should be all_linear or a list of names",
        ),
    ],
)
def test_settings_that_contradict_are_faults(
    tiny: Params, changes: dict[str, dict[str, Any]], sentence: str
) -> None:
    from stages.params import check_params

    content = json.loads(tiny.model_dump_json())
    for section, values in changes.items():
        content[section] |= values
    with pytest.raises(UserError, match=sentence):
        check_params(content, where="params.yaml")


def test_memory_is_counted_before_a_training(
    causal: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    from stages.model.memory import memory_needed

    model = causal.build()
    train = causal.params.train
    rows = causal.rows.with_format("numpy")
    one = memory_needed(model, rows[0], train, rows=1)
    four = memory_needed(model, rows[0], train, rows=4)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert one.weights == 4 * sum(p.numel() for p in model.parameters())
    assert one.training == 12 * trained
    two = memory_needed(model, rows[0], train, rows=2)
    further = two.activations - one.activations
    assert 0 < further <= one.activations
    assert four.activations == one.activations + 3 * further
    causal.train(model, [1, 2, 3, 4])
    said = capsys.readouterr().out
    assert "train: needs about" in said
    assert "are free" in said


def test_copies_of_the_weights_in_bf16_are_counted_once(causal: Project) -> None:
    from stages.model.memory import memory_needed

    model = causal.build()
    train, half = causal.params.train, torch.bfloat16
    row = causal.rows.with_format("numpy")[0]
    one, many = (
        memory_needed(model, row, train, rows=n, autocast=half).activations for n in (1, 40)
    )
    copied = 2 * sum(p.numel() for p in model.parameters() if p.ndim > 1)
    assert many <= 40 * one - 0.5 * 39 * copied


def test_checkpointing_keeps_less_and_trains_the_same(causal: Project) -> None:
    whole = adapter_weights(causal.train(causal.build(), [4, 3, 2, 1], "whole"))
    causal.params = Params.model_validate(
        causal.params.model_dump()
        | {"train": causal.params.train.model_dump() | {"gradient_checkpointing": True}}
    )
    again = adapter_weights(causal.train(causal.build(), [4, 3, 2, 1], "again"))
    assert all(torch.allclose(whole[name], again[name], atol=1e-6) for name in whole)


def test_a_full_model_of_an_encoder_decoder_still_has_its_masks(
    pretrained_folder: Callable[[str], Path], tmp_path: Path, change: Callable[..., Params]
) -> None:
    name = str(pretrained_folder("bart"))
    save_pretrained_tokenizer(name, read_config(name), folder=tmp_path)
    tokenizer = read_tokenizer(tmp_path)
    model = build_seq2seq(
        change("model.name", name).model, tokenizer=tokenizer, positions=64, seed=0
    )
    assert model.get_input_embeddings().num_embeddings == tokenizer.get_vocab_size()
    adapted = add_adapter(model, change("lora.rank", 2, "model.name", name).lora, name=name)
    assert adapted.get_input_embeddings().num_embeddings == tokenizer.get_vocab_size()


@pytest.mark.parametrize(
    "on", ["here", pytest.param("gpu", marks=[pytest.mark.gpu, needs_gpu], id="on a GPU")]
)
def test_the_steps_of_a_training_are_recorded_with_all_that_goes_on_around_them(
    causal: Project, on: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if on == "here":
        monkeypatch.setattr(cpu, "recorder", Rerun)
    steps: list[RecordedSteps] = []
    monkeypatch.setattr(trainer, "RecordedSteps", made(steps))
    causal.train(causal.build(), [1, 2, 3, 4])  # its memory counted before, and scored between
    [recorded] = steps
    assert recorded.recordings
    assert "recorded" not in capsys.readouterr().out  # not a word of what could not be


def made(seen: list[RecordedSteps]) -> Callable[..., RecordedSteps]:
    def make(*given: Any) -> RecordedSteps:
        seen.append(RecordedSteps(*given))
        return seen[-1]

    return make
