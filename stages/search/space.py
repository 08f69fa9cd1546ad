"""What is searched: the keys of `tune.space`, checked against the schema, and their values."""

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stages.command.errors import UserError
from stages.params import Choices, Generate, Lora, Model, Params, Range, Section, Train, Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Values = Mapping[str, Value]
"""Searched key → value: `{"train.lr": 0.001}`."""
Space = Mapping[str, Range | Choices]

SECTIONS: Mapping[str, type[Section]] = {
    "train": Train,
    "model": Model,
    "lora": Lora,
    "generate": Generate,
}

LARGEST_GRID = 10_000
"""Combinations from which on a space counts as endless; values that a `step` may make."""
POINTS_CHECKED = 1_000
"""Values of one range of whole numbers that are checked against the schema, the ends among them."""

NOT_SEARCHED = {
    "model.name": "another model has other tokens; give it to dvc exp run -S model.name=…",
    "model.revision": "another model has other tokens; give it to dvc exp run -S model.revision=…",
    "model.quantize": "it is a matter of memory; give it to dvc exp run -S model.quantize=…",
    "lora.targets": "it is a list; give it to dvc exp run -S 'lora.targets=[…]'",
    "train.processes": "it trains the same; give it to dvc exp run -S train.processes=…",
    "train.seed": "a seed is no setting; tune.confirm trains over several",
}


def check_space(params: Params) -> None:
    """Raise one `UserError` that lists every fault of `tune.space`."""
    space = params.tune.space
    faults = [f"tune.space.{key}: {fault}" for key in space for fault in _faults(params, key)]
    if not space:
        faults = ["tune.space: is empty; name a train., model., lora. or generate. key"]
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise UserError(f"params.yaml has {count}:\n" + "\n".join(f"  {f}" for f in faults))


def present_values(params: Params, keys: Sequence[str]) -> dict[str, Value]:
    """Return what params.yaml says for each of `keys`.

    >>> present_values(params, ["train.lr"])
    {'train.lr': 0.001}
    """
    content = params.model_dump()
    return {key: content[_section(key)][_name(key)] for key in keys}


def with_values(params: Params, values: Values) -> Params:
    """Return the params with other values, validated anew."""
    content = params.model_dump()
    for key, value in values.items():
        content[_section(key)][_name(key)] = value
    return Params.model_validate(content)


def distributions(space: Space) -> dict[str, "BaseDistribution"]:
    """Return the space in Optuna's terms."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    def one(key: str, searched: Range | Choices) -> "BaseDistribution":
        if isinstance(searched, Choices):
            return CategoricalDistribution(searched.choices)
        low, high, step = searched.low, searched.high, searched.step
        if _is_whole(key):
            return IntDistribution(int(low), int(high), log=searched.log, step=int(step or 1))
        return FloatDistribution(low, high, log=searched.log, step=step)

    return {key: one(key, searched) for key, searched in space.items()}


def inside(space: Space, values: Values) -> bool:
    """Tell whether the space has these values, steps included."""
    return all(_has(searched, values[key]) for key, searched in space.items())


def combinations(space: Space, *, points: int | None = None) -> list[dict[str, Value]] | None:
    """Return every combination of the space's values, or None where it is endless.

    `points` is how many values to take, from end to end, of a range that has no steps.
    """
    lists = [_listed(key, searched, points=points) for key, searched in space.items()]
    if any(values is None for values in lists):
        return None
    known = [values for values in lists if values is not None]
    if math.prod(map(len, known)) > LARGEST_GRID:
        return None
    return [dict(zip(space, combination, strict=True)) for combination in itertools.product(*known)]


def grid(space: Space, *, trials: int) -> list[dict[str, Value]]:
    """Return the grid: ranges without steps get as many points as the trials suffice for."""
    lists = [_listed(key, searched, points=None) for key, searched in space.items()]
    endless = sum(values is None for values in lists)
    counted = math.prod(len(values) for values in lists if values is not None)
    points = max(2, int((trials / counted) ** (1 / endless) + 1e-9)) if endless else None
    found = combinations(space, points=points)
    if found is None:
        raise UserError(
            f"tune.space has more than {LARGEST_GRID} combinations, too many for a grid; "
            "give fewer choices, wider steps, or tune.strategy: random"
        )
    return found


def _faults(params: Params, key: str) -> list[str]:
    section, _, name = key.partition(".")
    if section not in SECTIONS:
        return ["not a key of train, model, lora or generate"]
    if name not in SECTIONS[section].model_fields:
        return ["not a known key"]
    if key in NOT_SEARCHED:
        return [f"cannot be searched: {NOT_SEARCHED[key]}"]
    if section == "model" and params.model.name != "scratch":
        return [f"has no effect on {params.model.name}, only on model.name: scratch"]
    if section == "lora" and not params.lora.rank:
        return ["has no effect while lora.rank is 0"]
    searched = params.tune.space[key]
    values = searched.choices if isinstance(searched, Choices) else [searched.low]
    if key == "lora.rank" and 0 in values:
        return ["0 trains every weight, on other tokens; begin at 1"]
    if isinstance(searched, Choices):
        twice = [value for value, n in Counter(searched.choices).items() if n > 1]
        faults = [f"names {value!r} more than once" for value in twice]
        return faults + _refused(params, key, searched.choices)
    return _range_faults(searched, whole=_is_whole(key)) or _refused(
        params, key, _sample(key, searched)
    )


def _range_faults(searched: Range, *, whole: bool) -> list[str]:
    low, high, log, step = searched.low, searched.high, searched.log, searched.step
    faults = []
    if low >= high:
        faults.append(f"the range is empty: low {low:g} is not below high {high:g}")
    if log and low <= 0:
        faults.append(f"log needs a low above 0, not {low:g}")
    if log and step:
        faults.append("takes log or step, not both")
    if step and step > high - low:
        faults.append(f"step {step:g} is wider than the range")
    if step and (high - low) / step >= LARGEST_GRID:
        faults.append(
            f"step {step:g} makes {(high - low) / step:.3g} values, at most {LARGEST_GRID} can be "
            f"searched; a step of {(high - low) / (LARGEST_GRID - 1):.2g} makes so many"
        )
    ends = {"low": low, "high": high} | ({"step": step} if step else {})
    if whole:
        faults += [f"{k} must be a whole number, not {v:g}" for k, v in ends.items() if v % 1]
    return faults


def _refused(params: Params, key: str, values: Sequence[Value]) -> list[str]:
    """Return what the schema says against each value; the first three are enough."""
    section = params.model_dump()[_section(key)]
    faults = []
    for value in values:
        try:
            SECTIONS[_section(key)].model_validate(section | {_name(key): value})
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Input ")
            faults.append(f"{message}, not {value!r}")
    return faults[:3]


def _sample(key: str, searched: Range) -> Sequence[Value]:
    if not _is_whole(key):
        return [searched.low, searched.high]
    whole = range(int(searched.low), int(searched.high) + 1, int(searched.step or 1))
    return [*whole[: POINTS_CHECKED - 1], whole[-1]]


def _listed(key: str, searched: Range | Choices, *, points: int | None) -> Sequence[Value] | None:
    if isinstance(searched, Choices):
        return searched.choices
    if _is_whole(key) and (searched.step or not points):  # perhaps a billion: never a list
        return range(int(searched.low), int(searched.high) + 1, int(searched.step or 1))
    if searched.step:
        count = int((searched.high - searched.low) / searched.step + 1e-9) + 1
        return [float(f"{searched.low + i * searched.step:.12g}") for i in range(count)]
    return None if points is None else _spread(key, searched, points=points)


def _spread(key: str, searched: Range, *, points: int) -> list[Value]:
    shares = [i / (points - 1) for i in range(points)]
    low, high = searched.low, searched.high
    if searched.log:
        values = [low * (high / low) ** share for share in shares]
    else:
        values = [low + (high - low) * share for share in shares]
    exact = [low, *map(three_digits, values[1:-1]), high]
    return list(dict.fromkeys(map(round, exact))) if _is_whole(key) else list(exact)


def three_digits(value: float) -> float:
    """Round to three digits, which is as exact as a setting needs to be and can be typed.

    >>> three_digits(0.00123456)
    0.00123
    """
    return float(f"{value:.3g}")


def _has(searched: Range | Choices, value: Value) -> bool:
    if isinstance(searched, Choices):
        return value in searched.choices
    if not isinstance(value, int | float) or not searched.low <= value <= searched.high:
        return False
    steps = (value - searched.low) / (searched.step or 1)
    return not searched.step or abs(steps - round(steps)) < 1e-8


def _is_whole(key: str) -> bool:
    annotation: Any = SECTIONS[_section(key)].model_fields[_name(key)].annotation
    return annotation is int


def _section(key: str) -> str:
    return key.partition(".")[0]


def _name(key: str) -> str:
    return key.partition(".")[2]
