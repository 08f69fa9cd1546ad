"""metrics/tune/best.yaml: the winner, and the evidence for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stages.command.errors import UserError
from stages.command.files import whole_file
from stages.search.conditions import Conditions, fingerprint
from stages.search.confirm import Confirmation
from stages.search.dvc_lock import Value
from stages.search.warm_start import PRESENT

BEST = Path("metrics/tune/best.yaml")
HEAD = "# The winner of the search. python -m stages.promote writes its values into params.yaml.\n"


@dataclass(frozen=True)
class Best:
    """What `promote` needs of best.yaml."""

    values: Mapping[str, Value]
    verdict: str
    better: bool
    conditions: Conditions
    study: str


def write_best(
    folder: Path,
    confirmation: Confirmation,
    *,
    study: str,
    conditions: Conditions,
    git: str,
    data: Mapping[str, Any],
) -> None:
    """Write best.yaml into `folder`."""
    winner = confirmation.winner
    one, difference = winner.measured, winner.difference
    present = next((r.measured for r in confirmation.rows if r.verdict == "baseline"), None)
    content: dict[str, Any] = {
        "values": dict(confirmation.candidates[one.name].values),
        "verdict": verdict(confirmation),
        "better": confirmation.is_better,
        "score": round(one.score, 4),
        "interval": [round(one.low, 4), round(one.high, 4)],
        "seeds": list(confirmation.seeds),
        "scores": list(one.scores),
        "present": present
        and {
            "score": round(present.score, 4),
            "scores": list(present.scores),
            "values": dict(confirmation.candidates[present.name].values),
        },
        "difference": difference
        and {name: round(value, 4) for name, value in difference._asdict().items()},
        "study": study,
        "trial": one.name,
        "experiment": confirmation.experiments[one.name],
        "fingerprint": fingerprint(dict(sorted(conditions.items()))),
        "git": git,
        "data": dict(data),
        "conditions": dict(conditions),
    }
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    with whole_file(folder / BEST.name) as draft:
        draft.write_text(HEAD + text, encoding="utf-8")


def read_best() -> Best:
    """Read best.yaml, or say how a search is started."""
    if not BEST.exists():
        raise UserError(
            f"{BEST} is missing: no search has found anything yet. "
            "It gets written by: dvc exp run -S tune.trials=12 tune"
        )
    content = yaml.safe_load(BEST.read_text(encoding="utf-8"))
    return Best(**{name: content[name] for name in Best.__annotations__})


def verdict(confirmation: Confirmation) -> str:
    """Say in words what the winner is worth."""
    row = confirmation.winner
    n = len(confirmation.seeds)
    over = f"over {n} seeds each" if n > 1 else "on one seed, which says nothing of other seeds"
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
        figures += f", where seeds alone do up to {confirmation.noise.between(n, n):.2f}"
    word = "better" if row.verdict == "better" else "not better"
    return f"{word} than the noise: {figures}, against the present params"
