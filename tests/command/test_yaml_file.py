from collections.abc import Callable
from pathlib import Path

import pytest
from dvc.utils.serialize import YAMLError
from dvc.utils.serialize import parse_yaml as read_by_dvc
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.command.yaml_file import NotYamlError, parse_yaml, read_yaml

WRITTEN = st.one_of(
    st.from_regex(r"[-+]?[0-9][0-9_]{0,3}(\.[0-9]{0,3})?([eE][-+]?[0-9]{1,2})?", fullmatch=True),
    st.from_regex(r"0[xob]?[0-9a-f]{1,3}", fullmatch=True),
    st.sampled_from(["yes", "No", "on", "~", "null", "True", "false", ".inf", "-.nan", "y", ""]),
    st.sampled_from(["2026-02-28", "12:30:45", "=", "<<", "1e-05", "'010'", '"yes"', "0o17"]),
    st.from_regex(r"[a-z][a-z0-9_/.-]{0,6}", fullmatch=True),
)
"""Scalars as somebody may type them."""


@given(WRITTEN)
def test_a_value_is_what_it_is_to_dvc(written: str) -> None:
    text = f"key: {written}\n"
    assert outcome(lambda: parse_yaml(text)) == outcome(lambda: read_by_dvc(text, "params.yaml"))


def outcome(read: Callable[[], object]) -> str:
    """Return what was read, `nan` like `nan`, or that it was refused."""
    try:
        return repr(read())
    except (NotYamlError, YAMLError, ValueError):
        return "refused"


@pytest.mark.parametrize(
    ("written", "value"),
    [("010", 10), ("yes", "yes"), ("1e-05", 1e-5), ("0o10", 8), ("1:30", "1:30")],
)
def test_yaml_1_2_decides_what_a_value_is(written: str, value: object) -> None:
    assert parse_yaml(f"key: {written}") == {"key": value}


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: [1\n",
        "a: !!python/object:os.system x\n",
        "a: 2026-02-31\n",
        "a: !!int x\n",
        "a: 0x_\n",
        "[" * 3000,
        "a: \x01\n",
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(NotYamlError):
        parse_yaml(text)
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"params\.yaml is not YAML: ") as error:
        read_yaml(path)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


def nested(first: str, line: str, *, levels: int = 30) -> str:
    """Return lines of which each has several aliases of the one before."""
    lines = [f"a{i}: &a{i} {line.replace('*', f'*a{i - 1}')}\n" for i in range(1, levels)]
    return "".join([f"a0: &a0 {first}\n", *lines])


@pytest.mark.parametrize(
    "text",
    [
        nested("[요약]", "[*, *, *, *, *, *, *, *, *]"),
        nested("{k: 요약}", "{a: *, b: *, c: *, d: *, e: *, f: *}"),
        nested("{k: 요약}", "{<<: [*, *, *, *, *, *, *, *, *]}"),
        "a: &a [*a]",
        "a: &a {k: *a}",
    ],
)
def test_a_text_whose_aliases_make_millions_of_values_of_it_is_refused(text: str) -> None:
    with pytest.raises(NotYamlError, match="its aliases make more than 100,000 values of it"):
        parse_yaml(text)


def test_aliases_and_merge_keys_are_read() -> None:
    text = "a: &a {lr: 1, seed: 2}\nb: {<<: *a, lr: 3}\nc: *a\n"
    assert parse_yaml(text) == {
        "a": {"lr": 1, "seed": 2},
        "b": {"lr": 3, "seed": 2},
        "c": {"lr": 1, "seed": 2},
    }


def test_a_list_without_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("data: [" + "1," * 3_000_000 + "]", encoding="utf-8")
    with pytest.raises(UserError, match=r"has 6,000,008 characters, at most 50,000 are read$"):
        read_yaml(path)


def test_bytes_that_are_no_text_are_no_yaml(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(UserError, match="is not YAML: "):
        read_yaml(tmp_path / "params.yaml")
