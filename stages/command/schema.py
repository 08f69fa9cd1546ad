"""What is wrong with values that a schema refuses, in words: key, demand, what was given."""

import difflib
import reprlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from stages.command.faults import SHOWN

LONGEST_SHOWN = 80
"""Letters of a value or a key that a message shows."""
_BRIEF = reprlib.Repr()
"""A value in a message: of one that aliases make endless, the beginning."""
_BRIEF.maxlevel, _BRIEF.maxstring, _BRIEF.maxother = 2, LONGEST_SHOWN, LONGEST_SHOWN


Tagged = Mapping[tuple[str, ...], int]
"""Keys whose value has one of several forms, and where in its location pydantic says which."""


def describe_faults(
    error: ValidationError, schema: type[BaseModel], *, where: str, tagged: Tagged
) -> str:
    """Return a line for each fault, at most `SHOWN`, below one that names `where`."""
    count = error.error_count()
    lines = [_describe(fault, schema, tagged) for fault in error.errors()[:SHOWN]]
    lines += [f"and {count - SHOWN} more"] * (count > SHOWN)
    faults = "1 fault" if count == 1 else f"{count} faults"
    return f"{where} has {faults}:\n" + "\n".join(f"  {line}" for line in lines)


def _describe(fault: Any, schema: type[BaseModel], tagged: Tagged) -> str:
    location = list(fault["loc"])
    for key, place in tagged.items():
        if tuple(location[: len(key)]) == key:
            del location[place : place + 1]
    name = ".".join(_short(str(part)) for part in location) or "the file"
    match fault["type"]:
        case "extra_forbidden":
            return f"{name}: not a known key{_nearest(fault['loc'], schema)}"
        case "missing":
            return f"{name}: missing"
        case _:
            message = fault["msg"].removeprefix("Input ").removeprefix("Value error, ")
            if fault["type"] == "value_error" and not location:  # of several keys: it names them
                return str(message)
            return f"{name}: {message}, not {_BRIEF.repr(fault['input'])}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _nearest(location: tuple[str | int, ...], schema: type[BaseModel]) -> str:
    section: Any = schema
    for part in location[:-1]:
        section = section.model_fields[str(part)].annotation
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return ""  # a mapping, whose keys are the user's
    close = difflib.get_close_matches(str(location[-1]), section.model_fields, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
