"""When the confirmation of a search has seen enough seeds."""

import numpy as np
import pytest

from stages.comparison.measured import Measured
from stages.comparison.verdicts import compare
from stages.search.confirm import seed_noise, undecided
from stages.search.confirmation import Candidate, Confirmation, in_words
from stages.search.known import PRESENT
from stages.workers.messages import WorkerMessage

DIALOGUES = 200


def measured(name: str, scores: tuple[float, ...]) -> Measured:
    """Return a candidate whose dialogues differ as the seeds' mean does."""
    spread = np.random.default_rng(0).normal(0, 0.1, (DIALOGUES, 3))
    per_dialogue = sum(scores) / len(scores) / 100 + spread
    ids = tuple(map(str, range(DIALOGUES)))
    return Measured((name,), (name,), {}, scores, 0, 100, ids, per_dialogue, 1.0, {}, False)


def confirmation(
    scores: dict[str, tuple[float, ...]], failed: dict[str, WorkerMessage] | None = None
) -> Confirmation:
    every = {name: measured(name, several) for name, several in scores.items()}
    noise = seed_noise(list(scores.values()))
    rows = compare(list(every.values()), baseline=every.get(PRESENT), noise=noise)
    names = [PRESENT, *(name for name in scores if name != PRESENT)]
    candidates = {name: Candidate(name, name, {}) for name in names}
    seeds = range(max(map(len, scores.values())))
    return Confirmation(candidates, rows, {}, seeds, failed or {}, noise, 0.0)


@pytest.mark.parametrize(
    ("scores", "further"),
    [
        ({PRESENT: (40, 40.4), "a": (52, 52.4), "b": (51.9, 52.2)}, []),
        ({PRESENT: (50, 50.4), "a": (50.3, 50.1), "b": (49.9, 50.2)}, [PRESENT, "a", "b"]),
        ({PRESENT: (50, 50.4), "a": (50.3, 50.1), "b": (40, 40.2)}, [PRESENT, "a"]),
        ({PRESENT: (50, 50.4), "a": (41, 41.3), "b": (40, 40.2)}, []),
    ],
    ids=["a clear winner", "ties", "one is behind", "the present params win"],
)
def test_only_what_noise_does_not_tell_apart_is_trained_further(
    scores: dict[str, tuple[float, ...]], further: list[str]
) -> None:
    found = confirmation(scores)
    left = undecided(found, list(found.candidates.values()))
    assert [one.label for one in left] == further


def test_what_failed_is_not_trained_further() -> None:
    lost = WorkerMessage("failed", reason="the loss became nan")
    found = confirmation({"a": (50.3, 50.1), "b": (50.2, 50.4)}, {PRESENT: lost})
    left = undecided(found, list(found.candidates.values()))
    assert [one.label for one in left] == ["a", "b"]


def test_the_words_tell_how_many_seeds_each_had() -> None:
    found = confirmation({PRESENT: (40, 40.4), "a": (52, 52.4, 52.1)})
    assert "over 3 seeds (the present params over 2), where seeds alone do up to" in in_words(found)
    found = confirmation({PRESENT: (40, 40.4), "a": (52, 52.4)})
    assert "over 2 seeds each, where seeds alone do up to" in in_words(found)
