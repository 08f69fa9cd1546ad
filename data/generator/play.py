"""Plays a scene: one dialogue, and summaries of it that are true of what was said."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from data.generator.josa import attach
from data.generator.scene import Choice, Fact, Passage, Scene, Words

T = TypeVar("T")
EITHER = re.compile(r"<([^<>]*)>")
SLOT = re.compile(r"{(\w+)(?::([^{}]+))?}")


@dataclass(frozen=True)
class Example:
    """One dialogue with as many references as were asked for."""

    dialogue: str
    summaries: tuple[str, ...]
    topic: str


def play(scene: Scene, rng: Random, *, references: int) -> Example:
    """Draw one dialogue of `scene` and `references` summaries of it, no two of one phrasing."""
    facts = _draw(scene.words, rng)
    turns = list(_turns(scene.turns, facts, rng))
    roles = dict.fromkeys(role for role, _ in turns)
    facts |= {role: f"#Person{number}#" for number, role in enumerate(roles, 1)}
    phrasings = pick_several(rng, scene.summaries, references)
    return Example(
        dialogue="\n".join(f"{facts[role]}: {text}" for role, text in _joined(turns)),
        summaries=tuple(_expand(phrasing, facts, rng) for phrasing in phrasings),
        topic=facts["topic"],
    )


def pick(rng: Random, choices: Sequence[T]) -> T:
    """Choose one; of all of `Random`, only `random()` is the same in every Python version."""
    return choices[int(rng.random() * len(choices))]


def pick_several(rng: Random, choices: Sequence[T], n: int) -> list[T]:
    """Choose `n` different ones, in random order."""
    left = list(choices)
    return [left.pop(int(rng.random() * len(left))) for _ in range(n)]


def _draw(words: Sequence[Words], rng: Random) -> dict[str, str]:
    facts: dict[str, str] = {}
    for group in words:
        if group.apart:
            cells = [row[0] for row in pick_several(rng, group.rows, len(group.names))]
        else:
            cells = list(pick(rng, group.rows))
        for name, cell in zip(group.names, cells, strict=True):
            facts[name] = pick(rng, cell.split("; "))
    return facts


def _turns(passage: Passage, facts: dict[str, str], rng: Random) -> Iterator[tuple[str, str]]:
    for item in passage:
        if isinstance(item, Choice):
            yield from _turns(pick(rng, item.passages), facts, rng)
        elif isinstance(item, Fact):
            facts[item.name] = item.text
        elif not item.optional or rng.random() < 0.5:
            yield item.role, _expand(item.text, facts, rng)


def _joined(turns: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Join the turns of one role between which another's was left out."""
    said: list[str] = []
    for (role, text), (following, _) in zip(turns, [*turns[1:], ("", "")], strict=True):
        said.append(text)
        if role != following:
            yield role, " ".join(said)
            said = []


def _expand(text: str, facts: Mapping[str, str], rng: Random) -> str:
    text = pick(rng, text.split(" / "))
    while EITHER.search(text):
        text = EITHER.sub(lambda match: pick(rng, match[1].split("|")), text)

    def fill(slot: re.Match[str]) -> str:
        return attach(_expand(facts[slot[1]], facts, rng), slot[2] or "")

    return " ".join(SLOT.sub(fill, text).split())
