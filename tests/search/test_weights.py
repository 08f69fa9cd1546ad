from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.model.weights import build_model
from stages.params import Choices, Params, Range
from stages.search.space import with_values
from stages.search.weights import check_disk, model_bytes


def test_the_size_of_a_scratch_model_is_known_beforehand(
    tiny: Params, tokenizer: Tokenizer
) -> None:
    params = with_values(tiny, {"model.layers": 2, "model.d_model": 128})
    model = build_model(params.model, tokenizer=tokenizer, positions=64, seed=0)
    assert model_bytes(params, {}) == pytest.approx(4 * model.num_parameters(), rel=0.03)


def test_the_largest_model_of_the_space_counts(tiny: Params) -> None:
    space = {
        "model.d_model": Choices(choices=[32, 64]),
        "model.layers": Range(low=1, high=3),
        "train.lr": Range(low=1e-4, high=1e-3),
    }
    largest = with_values(tiny, {"model.d_model": 64, "model.layers": 3})
    assert model_bytes(tiny, space) == model_bytes(largest, {})


def test_the_size_of_a_pretrained_folder_is_its_file(
    change: Callable[..., Params], tmp_path: Path
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"0" * 1000)
    assert model_bytes(change("model.name", str(tmp_path)), {}) == 1000


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".dvc").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("here")
def test_the_need_is_told_and_a_disk_too_small_is_refused(tiny: Params) -> None:
    assert "1 in training, 3 kept" in check_disk(tiny, {})
    content = tiny.model_dump()
    content["tune"]["keep_models"] = 10**9
    with pytest.raises(UserError, match=r"needs about \d+\.\d GB .* lower tune\.keep_models"):
        check_disk(Params.model_validate(content), {})


@pytest.mark.usefixtures("here")
def test_a_model_of_unknown_size_is_no_reason_to_refuse(change: Callable[..., Params]) -> None:
    assert "is not known yet" in check_disk(change("model.name", "some/model"), {})
