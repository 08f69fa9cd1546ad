import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from transformers import DynamicCache, T5Config, T5ForConditionalGeneration

from stages.command.errors import UserError
from stages.model.device import resolve_precision
from stages.model.kinds import read_config
from stages.model.pretrained_tokenizer import save_pretrained_tokenizer
from stages.model.seq2seq import build_model, decode_batch, encode_batches, read_model
from stages.model.tokenizer import encode, read_tokenizer
from stages.model.trained import save_model
from stages.params import Params, load_params
from tests.repository import ROOT

Change = Callable[..., Params]


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def equal(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def test_a_scratch_model_has_the_size_asked_for(change: Change, tokenizer: Tokenizer) -> None:
    params = change("model.layers", 3, "model.d_model", 64, "model.activation", "relu")
    model = build_model(params.model, tokenizer=tokenizer, positions=50, seed=0)
    config = model.config
    assert (config.encoder_layers, config.decoder_layers, config.d_model) == (3, 3, 64)
    assert (config.encoder_attention_heads, config.decoder_attention_heads) == (2, 2)
    assert (config.activation_function, config.dropout) == ("relu", 0.1)
    assert (config.vocab_size, config.max_position_embeddings) == (400, 50)
    assert (config.pad_token_id, config.bos_token_id, config.eos_token_id) == (0, 1, 2)
    assert config.decoder_start_token_id == 2
    assert {p.dtype for p in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "relu", "silu", "tanh"])
def test_every_activation_computes(change: Change, tokenizer: Tokenizer, activation: str) -> None:
    settings = change("model.activation", activation).model
    model = build_model(settings, tokenizer=tokenizer, positions=16, seed=0).eval()
    logits = model(torch.tensor([[1, 4, 2]]), decoder_input_ids=torch.tensor([[2]])).logits
    assert logits.isfinite().all()


def test_weights_are_spread_as_asked_for(change: Change, tokenizer: Tokenizer) -> None:
    settings = change("model.init_std", 0.5).model
    model = build_model(settings, tokenizer=tokenizer, positions=16, seed=0)
    assert model.model.encoder.layers[0].fc1.weight.std().item() == pytest.approx(0.5, rel=0.05)


def test_the_seed_decides_the_weights(tiny: Params, tokenizer: Tokenizer) -> None:
    first, again, other = (
        weights(build_model(tiny.model, tokenizer=tokenizer, positions=16, seed=seed))
        for seed in (1, 1, 2)
    )
    assert equal(first, again)
    assert not equal(first, other)


def test_a_saved_model_is_read_back(tiny: Params, tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = build_model(tiny.model, tokenizer=tokenizer, positions=16, seed=0)
    save_model(model, tmp_path, max_new_tokens=9)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "config.json",
        "generation_config.json",
        "model.safetensors",
    ]
    again = read_model(tmp_path)
    assert equal(weights(model.to("cpu")), weights(again.to("cpu")))
    assert not again.training
    settings = again.generation_config
    assert (settings.max_new_tokens, settings.num_beams, settings.max_length) == (9, 1, None)


@pytest.mark.parametrize("kind", ["bart", "mbart", "t5"])
def test_a_pretrained_model_keeps_its_weights_and_gets_rows_for_new_tokens(
    change: Change, pretrained_folder: Callable[[str], Path], tmp_path: Path, kind: str
) -> None:
    from transformers import AutoModelForSeq2SeqLM

    source = pretrained_folder(kind)
    save_pretrained_tokenizer(str(source), read_config(str(source)), folder=tmp_path)
    tokenizer = read_tokenizer(tmp_path)
    settings = change("model.name", str(source)).model
    model = build_model(settings, tokenizer=tokenizer, positions=64, seed=0)
    theirs = AutoModelForSeq2SeqLM.from_pretrained(source)
    rows = theirs.get_input_embeddings().num_embeddings
    ours = model.get_input_embeddings().weight
    known = min(rows, tokenizer.get_vocab_size())
    assert torch.equal(ours[:known], theirs.get_input_embeddings().weight[:known])
    assert ours.shape[0] == tokenizer.get_vocab_size()
    assert model.get_output_embeddings().weight.shape == ours.shape
    again = build_model(settings, tokenizer=tokenizer, positions=64, seed=0)
    assert equal(weights(model), weights(again))


@pytest.fixture
def told(change: Change, tokenizer: Tokenizer) -> Callable[..., str]:
    """Return the function that gives the sentence with which a model is refused."""

    def sentence(name: str, *, positions: int = 64) -> str:
        settings = change("model.name", name).model
        with pytest.raises(UserError) as error:
            build_model(settings, tokenizer=tokenizer, positions=positions, seed=0)
        assert "\n" not in str(error.value)
        assert str(error.value).startswith(f"model.name: {name} ")
        return str(error.value)

    return sentence


def test_longer_texts_than_a_model_takes_are_refused(
    told: Callable[..., str], pretrained_folder: Callable[[str], Path]
) -> None:
    text = told(str(pretrained_folder("bart")), positions=65)
    assert "takes at most 64 tokens; lower tokenize.max_source_tokens" in text


def test_weights_that_can_run_code_are_refused(
    told: Callable[..., str], pretrained_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    shutil.copytree(pretrained_folder("bart"), tmp_path / "model")
    path = tmp_path / "model/model.safetensors"
    torch.save(load_file(path), tmp_path / "model/pytorch_model.bin")
    path.unlink()
    assert "model.safetensors" in told(str(tmp_path / "model"))


def test_broken_weights_are_one_sentence(
    told: Callable[..., str], pretrained_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    shutil.copytree(pretrained_folder("bart"), tmp_path / "model")
    path = tmp_path / "model/model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    assert "cannot be loaded" in told(str(tmp_path / "model"))


def test_a_model_of_another_kind_is_one_sentence(told: Callable[..., str], tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    BertModel(config).save_pretrained(tmp_path)
    assert "cannot be loaded" in told(str(tmp_path))


def test_a_model_out_of_reach_is_one_sentence(told: Callable[..., str]) -> None:
    assert "`scratch`" in told("nobody/no-such-model")


def test_precision_looks_at_the_hardware() -> None:
    assert [resolve_precision(name) for name in ("fp32", "bf16")] == ["fp32", "bf16"]
    if torch.cuda.is_available():
        assert resolve_precision("fp16") == "fp16"
        assert resolve_precision("auto") in {"bf16", "fp16"}
    else:
        assert resolve_precision("auto") == "fp32"
        with pytest.raises(UserError, match=r"train\.precision: fp16 needs a GPU"):
            resolve_precision("fp16")


def test_beams_that_change_places_take_what_was_written_along_and_not_the_source(
    change: Change,
    tokenizer: Tokenizer,
    dialogues: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    params = change("generate.num_beams", 4, "generate.max_new_tokens", 12)
    model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=3).eval()
    sources = [one.ids for one in encode(tokenizer, [d for d, _ in dialogues[:3]], max_tokens=50)]
    moved: list[int] = []
    reorder = DynamicCache.reorder_cache

    def watched(cache: DynamicCache, beam_idx: torch.Tensor) -> None:
        moved.append(cache.get_seq_length())
        reorder(cache, beam_idx)

    monkeypatch.setattr(DynamicCache, "reorder_cache", watched)
    [batch] = encode_batches(model, sources, tokens=1000)
    decode_batch(model, batch, params.generate)
    assert moved[:3] == [1, 2, 3]
    assert moved == sorted(set(moved))


def test_a_decoder_may_have_more_layers_than_the_encoder() -> None:
    shape = {"d_model": 16, "d_ff": 16, "d_kv": 8, "num_heads": 2, "vocab_size": 40}
    config = T5Config(num_layers=1, num_decoder_layers=3, decoder_start_token_id=0, **shape)
    model = T5ForConditionalGeneration(config).eval()
    settings = load_params(ROOT / "params.yaml").generate.model_copy(
        update={"num_beams": 2, "max_new_tokens": 4}
    )
    [batch] = encode_batches(model, [[5, 6, 7]], tokens=100)
    [summary] = decode_batch(model, batch, settings)
    assert len(summary) > 1
