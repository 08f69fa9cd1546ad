import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.utils.hydra import apply_overrides
from pydantic import BaseModel
from ruamel.yaml import YAML

from stages.command.errors import UserError
from stages.params import Params, Section, Train, check_params, flatten, load_params

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def content(tiny: Params) -> dict[str, Any]:
    return tiny.model_dump()


def faults(content: object) -> list[str]:
    """Return the lines that `check_params` complains in, one a fault."""
    with pytest.raises(UserError) as error:
        check_params(content, where="params.yaml")
    headline, *lines = str(error.value).split("\n")
    count = "1 fault" if len(lines) == 1 else f"{len(lines)} faults"
    assert headline == f"params.yaml has {count}:"
    return [line.strip() for line in lines]


def is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def sections(of: type[BaseModel] = Params) -> Iterator[type[BaseModel]]:
    yield of
    for field in of.model_fields.values():
        if is_section(field.annotation):
            yield from sections(field.annotation)


def test_the_repositorys_params_yaml_loads() -> None:
    params = load_params(ROOT / "params.yaml")
    assert (params.data.dir, params.model.name, params.tune.trials) == ("data/sample", "scratch", 0)


def test_every_value_has_a_description() -> None:
    leaves = {
        f"{section.__name__}.{name}": field.description
        for section in sections()
        for name, field in section.model_fields.items()
        if not is_section(field.annotation)
    }
    assert len(leaves) > 30
    assert [name for name, text in leaves.items() if not text or not text.endswith(".")] == []


def test_all_faults_stand_in_one_message(content: dict[str, Any]) -> None:
    content["train"]["epcohs"] = content["train"].pop("epochs")
    content["train"]["batch_size"] = "16"
    content["model"]["d_model"] = 48
    content["genrate"] = content.pop("generate")
    assert sorted(faults(content)) == [
        "generate: missing",
        "genrate: not a known key (did you mean generate?)",
        "model.d_model: should be a multiple of 32, not 48",
        "train.batch_size: should be a valid integer, not '16'",
        "train.epcohs: not a known key (did you mean epochs?)",
        "train.epochs: missing",
    ]


def test_a_key_like_no_other_gets_no_suggestion(content: dict[str, Any]) -> None:
    content["train"]["zzz"] = 1
    assert faults(content) == ["train.zzz: not a known key"]


def test_a_wrong_key_in_a_range_of_the_search_space_is_named(content: dict[str, Any]) -> None:
    content["tune"]["space"] = {"train.lr": {"low": 1e-5, "hihg": 1e-3}}
    found = faults(content)
    assert any("train.lr" in fault and "hihg: not a known key" in fault for fault in found)


def test_a_search_space_of_a_number_is_a_fault(content: dict[str, Any]) -> None:
    content["tune"]["space"] = {"train.lr": 3}
    assert all("tune.space.train.lr" in fault for fault in faults(content))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("train.lr", "1e-3"),
        ("train.lr", None),
        ("train.lr", True),
        ("train.lr", 0),
        ("train.lr", -1e-3),
        ("train.lr", math.nan),
        ("train.lr", math.inf),
        ("train.lr", [1e-3]),
        ("train.seed", -1),
        ("train.seed", 2**32),
        ("train.seed", 1.0),
        ("train.batch_size", 0),
        ("train.batch_size", 16.0),
        ("train.batch_size", True),
        ("train.gradient_accumulation_steps", 0),
        ("train.epochs", 0),
        ("train.epochs", math.inf),
        ("train.max_steps", -1),
        ("train.optim", "adam"),
        ("train.momentum", 1.0),
        ("train.weight_decay", -0.1),
        ("train.warmup_ratio", 1),
        ("train.lr_scheduler_type", "step"),
        ("train.label_smoothing", 1),
        ("train.max_grad_norm", -1),
        ("train.precision", "half"),
        ("train.patience", -1),
        ("train.eval_rows", 0),
        ("model.name", ""),
        ("model.name", 3),
        ("model.layers", 0),
        ("model.d_model", 0),
        ("model.d_model", 48),
        ("model.dropout", 1),
        ("model.dropout", -0.1),
        ("model.activation", "selu"),
        ("model.init_std", 0),
        ("model.init_std", math.nan),
        ("tokenize.vocab_size", 255),
        ("tokenize.max_source_tokens", 15),
        ("tokenize.max_target_tokens", 0),
        ("generate.num_beams", 0),
        ("generate.length_penalty", math.nan),
        ("generate.no_repeat_ngram_size", -1),
        ("generate.max_new_tokens", 0),
        ("rouge.tokenizer", "kiwi"),
        ("rouge.variant", "f1"),
        ("data.dir", ""),
        ("data.dir", 5),
        ("data.language", "de"),
        ("clean.leak_threshold", "low"),
        ("clean.leak_threshold", 0.1),
        ("tune.trials", -1),
        ("tune.space", []),
    ],
)
def test_a_wrong_or_impossible_value_is_one_fault_of_its_key(
    content: dict[str, Any], key: str, value: object
) -> None:
    section, name = key.split(".")
    content[section][name] = value
    (fault,) = faults(content)
    assert fault.startswith(f"{key}: ")
    assert fault.endswith(f"not {value!r}")


def test_every_number_has_bounds(content: dict[str, Any]) -> None:
    content["tune"]["space"] = {"lr": {"low": 1.0, "high": 2.0, "step": 0.5}}
    numbers = {
        key: value
        for key, value in flatten(content).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    assert len(numbers) > 35
    for key, value in numbers.items():
        section, *inner, name = key.split(".")
        for far in (10**30, -(10**30)):
            changed = deepcopy(content)
            place = changed[section]
            for part in inner:
                place = place[part]
            place[name] = type(value)(far)
            assert faults(changed)[0].startswith(f"{key}: "), (key, far)


def test_of_a_long_value_or_key_the_beginning_is_shown(content: dict[str, Any]) -> None:
    content["train"]["optim"] = "x" * 100_000
    content["train"]["k" * 100_000] = 1
    for fault in faults(content):
        assert len(fault) < 300


def test_what_aliases_make_endless_is_one_short_fault(
    content: dict[str, Any], tmp_path: Path
) -> None:
    # 9^9 words, were it written out.
    lists = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    names = "abcdefghi"
    lists += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise(names)]
    content["train"]["lr"] = "HERE"
    path = tmp_path / "params.yaml"
    text = "\n".join(lists) + "\n" + yaml.safe_dump(content).replace("HERE", "*i")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"its aliases make more than 100,000 values") as error:
        load_params(path)
    assert len(str(error.value)) < 1000


def test_a_thousand_faults_are_not_all_told(content: dict[str, Any]) -> None:
    content["predict"]["models"] = list(range(1000))
    with pytest.raises(UserError) as error:
        check_params(content, where="params.yaml")
    headline, *lines = str(error.value).split("\n")
    assert headline == "params.yaml has 1000 faults:"
    assert (len(lines), lines[-1]) == (21, "  and 980 more")


@pytest.mark.parametrize("content", [None, [], "train", 3])
def test_a_file_without_sections_is_a_fault(content: object) -> None:
    (fault,) = faults(content)
    assert fault.startswith("the file: ")


def test_a_section_without_values_is_a_fault(content: dict[str, Any]) -> None:
    content["train"] = None
    (fault,) = faults(content)
    assert fault.startswith("train: ")


def test_a_loaded_section_cannot_be_changed(tiny: Params) -> None:
    with pytest.raises(ValueError, match="frozen"):
        tiny.train.lr = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-05", 1e-5),  # what `dvc exp run -S train.lr=1e-5` writes; a string to YAML 1.1
        ("5e-5", 5e-5),
        ("5.0e-5", 5e-5),
        ("1.0e-3", 1e-3),
        ("1E-3", 1e-3),
        ("+1e-3", 1e-3),
        ("1e+2", 100.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("2.", 2.0),
        ("0.001", 0.001),
        ("1", 1),
    ],
)
def test_numbers_are_read_as_yaml_1_2_has_them(
    content: dict[str, Any], tmp_path: Path, written: str, value: float
) -> None:
    content["train"]["lr"] = "HERE"
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(content).replace("HERE", written), encoding="utf-8")
    lr = load_params(path).train.lr
    assert (type(lr), lr) == (float, value)


def test_floats_that_dvc_writes_are_read_back(tmp_path: Path) -> None:
    # `-S` goes through ruamel's round trip, as here.
    yaml_of_dvc, path = YAML(), tmp_path / "params.yaml"
    params = yaml_of_dvc.load(ROOT / "params.yaml")
    for value in [1e-300, 1e-5, 5e-05, 0.1, 1 / 3, 1.0, 1e5, 123456.7]:
        params["train"]["lr"] = value
        yaml_of_dvc.dump(params, path)
        assert load_params(path).train.lr == value


def test_whole_numbers_stay_whole(content: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    params = load_params(path)
    assert (type(params.train.batch_size), params.train.batch_size) == (int, 4)


def test_a_word_with_an_e_stays_a_word(content: dict[str, Any], tmp_path: Path) -> None:
    content["data"]["dir"] = "HERE"
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(content).replace("HERE", "e5"), encoding="utf-8")
    assert load_params(path).data.dir == "e5"


def test_infinity_and_nan_are_faults_with_their_key(
    content: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "params.yaml"
    content["train"] |= {"lr": math.inf, "weight_decay": math.nan}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(UserError, match=r"(?s)2 faults.*train\.lr: .*train\.weight_decay: "):
        load_params(path)


def test_a_missing_file_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"params\.yaml is missing; run this in the folder"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    "broken", [b"train: {lr: 1", b"train:\n\tlr: 1", b"a: b: c", "lr: 학습률".encode("cp949")]
)
def test_what_is_not_yaml_is_said_in_one_line(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(broken)
    with pytest.raises(UserError, match=r"params\.yaml is not YAML: ") as error:
        load_params(path)
    assert "\n" not in str(error.value)


def test_an_empty_file_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.touch()
    with pytest.raises(UserError, match="1 fault:\n  the file: "):
        load_params(path)


def test_a_changed_copy_is_validated(change: Callable[..., Params]) -> None:
    with pytest.raises(UserError, match=r"train\.batch_size"):
        change("train.batch_size", 0)
    assert change("train.batch_size", 8).train == Train.model_validate(
        change().train.model_dump() | {"batch_size": 8}
    )


def test_english_stems_are_refused_for_korean(content: dict[str, Any]) -> None:
    # Equal Korean summaries would score 0.
    content["rouge"]["tokenizer"] = "english"
    (fault,) = faults(content)
    assert fault.startswith("rouge.tokenizer: english ")
    assert "data.language" in fault
    content["data"]["language"] = "en"
    assert check_params(content, where="params.yaml").rouge.tokenizer == "english"


def test_dvc_writes_one_value_into_params_and_leaves_every_other_line(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    before = (ROOT / "params.yaml").read_text(encoding="utf-8")
    path.write_text(before, encoding="utf-8")
    apply_overrides(path, ["train.epochs=9"])  # what `dvc exp run -S` does, and `exp apply` keeps
    after = path.read_text(encoding="utf-8")
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    assert [new.split("#")[0].strip() for old, new in pairs if new != old] == ["epochs: 9"]
