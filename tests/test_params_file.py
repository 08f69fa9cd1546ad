from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from stages.command.errors import UserError
from stages.params import load_params
from stages.params_file import scalar, set_values, write_values

TEXT = """\
# 값 — every value
train:
  lr: 1.0e-3          # peak
  optim: "sgd"
  name: 'it''s'
  flow: {low: 1.0e-4, high: 5.0e-3, log: true}   # kept as it is

tune:
  trials: 0
"""


def test_only_the_values_change() -> None:
    changed = set_values(TEXT, {"train.optim": "rmsprop", "train.lr": 5e-5, "tune.trials": 12})
    assert changed == TEXT.replace("1.0e-3 ", "5.0e-5 ").replace('"sgd"', '"rmsprop"').replace(
        "trials: 0", "trials: 12"
    )


def test_values_inside_a_flow_map_and_quotes_are_found() -> None:
    changed = set_values(TEXT, {"train.flow.high": 0.5, "train.name": "that's"})
    assert changed == TEXT.replace("5.0e-3", "0.5").replace("'it''s'", "'that''s'")


def test_a_key_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match=r"no single value at train\.epochs"):
        set_values(TEXT, {"train.epochs": 3})
    with pytest.raises(UserError, match=r"no single value at train\.flow"):
        set_values(TEXT, {"train.flow": 3})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1e-05, "1.0e-5"),
        (5e-05, "5.0e-5"),
        (1.23e-05, "1.23e-5"),
        (0.001, "0.001"),
        (0.1, "0.1"),
        (10.0, "10.0"),
        (1e22, "1.0e+22"),
        (16, "16"),
        (True, "true"),
        ("adamw_torch", "adamw_torch"),
        ("no", '"no"'),
        ("1e3", '"1e3"'),
        ("가", '"가"'),
    ],
)
def test_a_scalar_is_written_for_both_versions_of_yaml(value: object, written: str) -> None:
    assert scalar(value) == written  # type: ignore[arg-type]
    assert yaml.safe_load(written) == value  # YAML 1.1
    assert YAML(typ="safe").load(written) == value  # YAML 1.2


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
PRINTABLE = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "))


@given(st.one_of(FLOATS, st.integers(), st.booleans(), PRINTABLE))
def test_any_scalar_comes_back(value: object) -> None:
    read = yaml.safe_load(scalar(value))  # type: ignore[arg-type]
    assert read == value
    assert type(read) is type(value)


def test_the_whole_params_file_keeps_every_other_byte(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[1] / "params.yaml"
    path = tmp_path / "params.yaml"
    path.write_bytes(source.read_bytes())
    write_values(path, {"train.lr": 2e-5, "train.optim": "sgd"})
    old, new = source.read_text(encoding="utf-8"), path.read_text(encoding="utf-8")
    differing = [(a, b) for a, b in zip(old.splitlines(), new.splitlines(), strict=True) if a != b]
    assert [b.split(":")[0].strip() for _, b in differing] == ["lr", "optim"]
    assert load_params(path).train.lr == 2e-5
    assert [p.name for p in tmp_path.iterdir()] == ["params.yaml"]


def test_line_ends_stay(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(b"train:\r\n  lr: 0.1\r\n  optim: sgd\r\n")
    write_values(path, {"train.lr": 0.2})
    assert path.read_bytes() == b"train:\r\n  lr: 0.2\r\n  optim: sgd\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "train:\n  lr: &peak 0.1\n  weight_decay: *peak\n",
        "train:\n  lr: >-\n    0.1\n  optim: sgd\n",
        "train:\n  lr:\n  optim: sgd\n",
    ],
)
def test_a_file_that_would_break_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="write plain values there"):
        write_values(path, {"train.lr": 0.5})
    assert path.read_text(encoding="utf-8") == text
