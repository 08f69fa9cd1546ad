"""The examples in the docstrings hold."""

import doctest
import importlib

import pytest

MODULES = [
    "morphemes",
    "ngrams",
    "lcs",
    "rouge",
    "floors",
    "numerals",
    "errors",
    "topics",
    "slices",
]


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    failed, tried = doctest.testmod(
        importlib.import_module(f"stages.scoring.{module}"),
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
        extraglobs={"np": importlib.import_module("numpy")},
    )
    assert tried
    assert not failed
