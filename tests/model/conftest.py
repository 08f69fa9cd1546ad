"""Tiny pretrained models of every kind, each in a folder as from the hub."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.model.kinds import make_kind, real_folder


@pytest.fixture(scope="session")
def pretrained_folder(
    dialogues: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Return the function that makes a folder of one of `kinds.KINDS`, once each."""
    made: dict[str, Path] = {}
    turns = tuple(turn for pair in dialogues for text in pair for turn in text.split("\n"))

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            make_kind(kind, made[kind], turns)
        return made[kind]

    return folder


@pytest.fixture(scope="session")
def real_pretrained_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the function that makes a folder of one of `kinds.REAL`, or skips the test."""
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = real_folder(name, tmp_path_factory.mktemp(name))
        return made[name]

    return folder
