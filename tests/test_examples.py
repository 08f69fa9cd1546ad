"""The examples in the docstrings hold."""

import doctest
import importlib

import pytest

MODULES = [
    "command.arguments",
    "dialogue.language",
    "leaks.survey",
    "leaks.folds",
    "rouge.tokenizers",
    "rouge.overlap",
    "rouge.rouge",
    "scoring.floors",
    "scoring.errors",
    "scoring.numerals",
    "scoring.scores",
    "scoring.slices",
]


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    failed, tried = doctest.testmod(
        importlib.import_module(f"stages.{module}"),
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
        extraglobs={"np": importlib.import_module("numpy")},
    )
    assert tried
    assert not failed
