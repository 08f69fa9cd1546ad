import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from stages.command.errors import UserError
from stages.model.seq2seq import build_model
from stages.params import Choices, Params, Range
from stages.search.disk import Weights, check_disk, model_bytes
from stages.search.space import with_values
from tests.repository import commit, start_git


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
def test_another_model_that_was_trained_here_says_nothing_of_the_size(
    change: Callable[..., Params],
) -> None:
    Path("models/summarizer").mkdir(parents=True)
    Path("models/summarizer/model.safetensors").write_bytes(b"0" * 1000)
    lock = "stages:\n  train:\n    params:\n      params.yaml:\n        model: {name: NAME}\n"
    Path("dvc.lock").write_text(lock.replace("NAME", "scratch"), encoding="utf-8")
    assert model_bytes(change("model.name", "some/model"), {}) is None
    Path("dvc.lock").write_text(lock.replace("NAME", "some/model"), encoding="utf-8")
    assert model_bytes(change("model.name", "some/model"), {}) == 1000


def cached(md5: str, content: str) -> Path:
    path = Path(".dvc/cache/files/md5") / md5[:2] / md5[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.usefixtures("here")
def test_the_best_models_stay_however_many_trials_decode_the_same_one() -> None:
    start_git(Path())
    Path("params.yaml").touch()
    commit(Path())
    models = {}
    for name in "abc":
        cached(f"{name}0.dir", json.dumps([{"relpath": "model.safetensors", "md5": f"{name}1"}]))
        models[name] = cached(f"{name}1", "weights")
    weights = Weights(2)
    for number, (name, score) in enumerate([("a", 40), ("b", 41), ("c", 42), ("c", 43), ("c", 44)]):
        weights.add(f"{name}0.dir", f"trial-{number}", score)
    assert [name for name, path in models.items() if path.exists()] == ["b", "c"]


@pytest.mark.usefixtures("here")
def test_a_model_of_unknown_size_is_no_reason_to_refuse(change: Callable[..., Params]) -> None:
    assert "is not known yet" in check_disk(change("model.name", "some/model"), {})
