"""What a confirmation has found: the candidates side by side, in words, and as in best.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stages.comparison.noise_floor import NoiseFloor
from stages.comparison.verdicts import Comparison
from stages.search.conditions import Conditions
from stages.search.known import PRESENT
from stages.search.space import Values
from stages.workers.messages import WorkerMessage


@dataclass(frozen=True)
class Candidate:
    """Values that may win."""

    label: str
    """`trial tune-0123abcd-7`, or `present params`."""
    stem: str
    """What the names of its experiments begin with."""
    values: Values
    """A value for every searched key."""


@dataclass(frozen=True)
class Confirmation:
    """The candidates side by side."""

    candidates: Mapping[str, Candidate]
    """By label."""
    rows: Sequence[Comparison]
    """The best mean first; each row's `measured.name` is the label of a candidate."""
    experiments: Mapping[str, str]
    """Label → the experiment with the seed of params.yaml."""
    seeds: Sequence[int]
    """Those of the candidates that were trained to the last; others have the first few."""
    failed: Mapping[str, WorkerMessage]
    """Label → how one of its trainings failed."""
    noise: NoiseFloor | None
    """What seeds alone do."""
    seconds: float
    """Of the trainings that only the confirmation asked for."""

    @property
    def winner(self) -> Comparison:
        """The row with the best mean."""
        return self.rows[0]

    @property
    def seeds_of_present(self) -> int:
        """Over how many seeds the present params were trained; 0 where they give no score."""
        scores = [row.measured.scores for row in self.rows if row.measured.name == PRESENT]
        return len(scores[0]) if scores else 0

    @property
    def is_better(self) -> bool:
        """Tell whether the winner is better than the present params, and not by noise alone.

        It is as well where those can give no score and it scores above 0; not where a machine
        failed them.
        """
        lost = self.failed.get(PRESENT)
        has_score = self.winner.measured.score > 0
        return self.winner.verdict == "better" or (has_score and lost is not None and lost.no_score)


def in_words(confirmation: Confirmation) -> str:
    """Say in words what the winner is worth."""
    row = confirmation.winner
    n, of_present = len(row.measured.scores), confirmation.seeds_of_present
    over = f"over {n} seeds each" if n > 1 else "on one seed, which says nothing of other seeds"
    if of_present not in (0, n):
        over = f"over {n} seeds (the present params over {of_present})"
    if row.measured.score == 0:
        return f"nothing that was tried scores above 0, {over}"
    if row.verdict == "baseline":
        return f"the present params are the best that was found, {over}"
    lost = confirmation.failed.get(PRESENT)
    if lost:
        word = "better than" if confirmation.is_better else "not compared with"
        return f"{word} the present params, which give no score: {lost.reason}"
    if row.difference is None:
        why = "; ".join(row.marks.values()) or "they have no score"
        return f"cannot be compared with the present params: {why}"
    difference, low, high, p = row.difference
    figures = f"{difference:+.2f} [{low:+.2f}, {high:+.2f}] rouge_mean, p {p:.4f}, {over}"
    if confirmation.noise:
        figures += f", where seeds alone do up to {confirmation.noise.between(n, of_present):.2f}"
    word = "better" if row.verdict == "better" else "not better"
    return f"{word} than the noise: {figures}, against the present params"


def facts(
    confirmation: Confirmation,
    *,
    study: str,
    conditions: Conditions,
    git: str,
    data: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what best.yaml says: the winner's values, and all that speaks for them."""
    winner = confirmation.winner
    one, difference = winner.measured, winner.difference
    present = next((r.measured for r in confirmation.rows if r.verdict == "baseline"), None)
    return {
        "values": dict(confirmation.candidates[one.name].values),
        "verdict": in_words(confirmation),
        "better": confirmation.is_better,
        "score": round(one.score, 4),
        "interval": [round(one.low, 4), round(one.high, 4)],
        "seeds": list(confirmation.seeds[: len(one.scores)]),
        "scores": list(one.scores),
        "present": present
        and {
            "score": round(present.score, 4),
            "scores": list(present.scores),
            "values": dict(confirmation.candidates[present.name].values),
        },
        "difference": difference
        and {name: round(value, 4) for name, value in difference._asdict().items()},
        "noise": _noise(confirmation),
        "study": study,
        "trial": one.name,
        "experiment": confirmation.experiments[one.name],
        "git": git,
        "data": dict(data),
        "conditions": dict(conditions),
    }


def _noise(confirmation: Confirmation) -> float | None:
    """Return what seeds alone do to the difference of two candidates."""
    if confirmation.noise is None:
        return None
    n = len(confirmation.winner.measured.scores)
    return round(confirmation.noise.between(n, confirmation.seeds_of_present or n), 4)
