"""What `promote` may write: values, and why to believe in them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from stages.command.cost import read_seconds
from stages.command.errors import UserError
from stages.command.yaml_file import NotYamlError, parse_yaml
from stages.comparison.measured import measure
from stages.comparison.noise_floor import read_noise
from stages.comparison.verdicts import compare
from stages.experiments.listing import Experiment, find_experiment, list_experiments
from stages.params import Params, Value, flatten
from stages.search.best import Best, read_best
from stages.search.conditions import conditions_here, conditions_of, differences, files_here

PROMOTED = ("train.", "model.", "lora.", "generate.")


def from_winner(params: Params) -> Best:
    """Return the winner of the last search. Raises `UserError` where it was found under others.

    Other data, or another value of a param that was not searched, and the score would be another.
    """
    best = read_best()
    now = conditions_here(params, best.values, files_here())
    changed = differences(best.conditions, now, were="was", now="is now")
    if changed:
        raise UserError(
            f"the winner of {best.study} was found under other conditions: {'; '.join(changed)}. "
            "Put them back, or search again: dvc exp run -S tune.trials=12 tune"
        )
    return best


def from_experiment(name: str, params: Params) -> Best:
    """Return what an experiment has other than params.yaml. Raises `UserError` for other data."""
    experiments = list_experiments()
    one = find_experiment(name, experiments)
    if one.rouge_mean is None or one.stale:
        raise UserError(f"{name} has no score of its own: it is {one.state}; see dvc exp show")
    here = flatten(params.model_dump())
    promoted = [key for key in here if key.startswith(PROMOTED)]
    there, now = conditions_of(one, promoted), conditions_here(params, promoted, files_here())
    changed = differences(there, now, were="was", now="is now")
    if changed:
        raise UserError(f"{name} was run under other conditions: {'; '.join(changed)}")
    values = {key: one.params.get(key) for key in promoted if one.params.get(key) != here[key]}
    return Best(name, values, _evidence(one, experiments), better=True, conditions=there, study="")


def uncommitted(path: Path, values: Mapping[str, Value]) -> list[str]:
    """Return the keys that have another value in Git's last commit."""
    command = ["git", "show", f"HEAD:./{path}"]
    shown = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if shown.returncode:
        return []
    try:
        committed = flatten(parse_yaml(shown.stdout) or {})
    except (NotYamlError, AttributeError):  # a damaged one has none of these values
        committed = {}
    return [key for key, value in values.items() if committed.get(key) != value]


def _evidence(one: Experiment, experiments: list[Experiment]) -> str:
    seconds = read_seconds()
    ours = measure(one, seconds)
    here = next((o for o in experiments if o.kind == "workspace"), None)
    baseline = measure(here, seconds) if here and not here.stale else None
    if ours is None:
        return "no score"
    score = f"{ours.score:.2f} [{ours.low:.2f}, {ours.high:.2f}]"
    if baseline is None:
        return f"{score}; the workspace has no score to compare it with"
    row = compare([ours], baseline=baseline, noise=read_noise())[0]
    if row.difference is None:
        return f"{score}; {'; '.join(row.marks.values()) or 'the workspace has the same'}"
    d = row.difference
    return (
        f"{score}, {d.difference:+.2f} [{d.low:+.2f}, {d.high:+.2f}] against the workspace's "
        f"{baseline.score:.2f} on one seed: {row.verdict}"
    )
