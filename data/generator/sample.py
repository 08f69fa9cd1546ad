"""Draws the three splits and keeps near-copies out of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from data.generator.play import Example, pick_several, play
from data.generator.scene import Scene

SEED = 2026
ROWS = {"test": 150, "dev": 150, "train": 1200}  # train is drawn last, away from the other two
REFERENCES = {"test": 3, "dev": 1, "train": 1}
TOO_ALIKE = 0.5  # Jaccard index of character 3-grams, tags left out

TAG = re.compile(r"#\w+#:?")


@dataclass(frozen=True)
class Drawn:
    """An example with what tells it apart from others."""

    scene: str
    example: Example
    trigrams: frozenset[str]


def draw_splits(scenes: list[Scene]) -> dict[str, list[Example]]:
    """Draw every split, each with the scenes in equal shares and in random order."""
    drawn: dict[str, list[Drawn]] = {}
    for split, rows in ROWS.items():
        rng = Random(f"{SEED} {split}")
        others = [row for earlier in drawn.values() for row in earlier]
        drawn[split] = pick_several(rng, list(_draw_split(scenes, split, rng, others)), rows)
    return {split: [row.example for row in drawn[split]] for split in ("train", "dev", "test")}


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of 3-grams that two dialogues have in common, 0 to 1."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def trigrams(dialogue: str) -> frozenset[str]:
    """Return the runs of three characters in `dialogue` without its tags."""
    text = " ".join(TAG.sub(" ", dialogue).split())
    return frozenset(text[i : i + 3] for i in range(len(text) - 2))


def _draw_split(
    scenes: list[Scene], split: str, rng: Random, others: list[Drawn]
) -> Iterator[Drawn]:
    accepted: list[Drawn] = []
    for row in range(ROWS[split]):
        scene = scenes[row % len(scenes)]
        near = [other for other in [*others, *accepted] if other.scene == scene.name]
        accepted.append(_draw_apart(scene, REFERENCES[split], rng, near))
        yield accepted[-1]


def _draw_apart(scene: Scene, references: int, rng: Random, near: list[Drawn]) -> Drawn:
    while True:
        example = play(scene, rng, references=references)
        drawn = Drawn(scene.name, example, trigrams(example.dialogue))
        if all(jaccard(drawn.trigrams, other.trigrams) < TOO_ALIKE for other in near):
            return drawn
