"""Chats with a stamp and a name before the words, on one line.

Only such a line begins a message; a line without a stamp goes on with the message above it, be
it `주소: …` or a link. What stands above the first message is the file's header.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from stages.chats.messages import DELETED, HEADERS, NOTICES, RULES, Chat, Draft, finish
from stages.chats.phrases import is_deleted, is_notice

_NEAR = 10
"""Lines below a day in which the first message of it stands."""
NEVER = re.compile(r"(?!)")


class Form(NamedTuple):
    """How a messenger writes its lines."""

    kind: str
    turn: re.Pattern[str]
    """Groups: name, text, time, and date where each line has one."""
    notice: re.Pattern[str] = NEVER
    """A stamp and no name; the group text is empty where it is a time alone."""
    rule: re.Pattern[str] = NEVER
    """A date between the days."""
    header: re.Pattern[str] = NEVER
    """What stands above a chat, and again where two files were joined."""
    tells_in_lines: bool = False
    """Says without a stamp who came and who went."""
    mend: Callable[[Iterable[Draft]], Iterator[Draft | str]] = iter
    """Makes drafts what people wrote, or the kind of things that they are left out as."""


def count_turns(form: Form, lines: Sequence[str]) -> int:
    """Return how many of the lines begin a message in this form."""
    return sum(1 for line in lines if form.turn.match(line))


def has_days(form: Form, lines: Sequence[str]) -> bool:
    """Tell whether there are days between the lines, or the form's header is above them."""
    return any(
        form.rule.fullmatch(line.strip()) or form.header.fullmatch(line.strip()) for line in lines
    )


def opens(form: Form, line: str) -> bool:
    """Tell whether a line is the first of a file in this form, of a day in it or of a message."""
    patterns = (form.turn, form.notice, form.rule, form.header)
    return any(pattern.match(line) for pattern in patterns)


def read_lines(form: Form, lines: Sequence[str]) -> Chat:
    """Read the lines of a chat in `form`."""
    turns = [form.turn.match(line) for line in lines]
    names = {turn["name"].strip() for turn in turns if turn}
    drafts: list[Draft] = []
    left_out: list[str] = []
    today, current = "", None
    for number, (line, turn) in enumerate(zip(lines, turns, strict=True)):
        plain = line.strip()
        if turn:
            fields = turn.groupdict()
            current = [fields["text"] or ""]
            drafts.append(
                Draft(fields["name"], current, fields.get("date") or today, fields["time"])
            )
        elif notice := form.notice.match(line):
            left_out.append(_kind_of_notice(notice["text"]))
            current = []  # what follows goes on with the notice
        elif (rule := form.rule.fullmatch(plain)) and _is_rule(form, rule, lines, number):
            today = rule["date"]
            left_out.append(RULES)
        elif form.header.fullmatch(plain):
            left_out.append(HEADERS)
        elif (form.tells_in_lines or current is None) and is_notice(plain, names):
            left_out.append(DELETED if is_deleted(plain) else NOTICES)
        elif current is not None:
            current.append(line)
        elif plain:
            left_out.append(HEADERS)
    mended = list(form.mend(drafts))
    left_out += [one for one in mended if isinstance(one, str)]
    return finish(form.kind, [one for one in mended if isinstance(one, Draft)], left_out)


def _kind_of_notice(text: str | None) -> str:
    if not text:
        return RULES
    return DELETED if is_deleted(text) else NOTICES


def _is_rule(form: Form, rule: re.Match[str], lines: Sequence[str], number: int) -> bool:
    """Tell whether a line that is a date stands between days; in a message it is a word of it."""
    if rule[0] != rule["date"]:
        return True  # with hyphens around it
    below = next((line for line in lines[number + 1 : number + _NEAR] if line.strip()), "")
    stamped = form.turn.match(below) or form.notice.match(below)
    if "date" not in form.turn.groupindex:
        return not below or opens(form, below)
    return stamped is not None and _digits(stamped["date"]) == _digits(rule["date"])


def _digits(written: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", written)]
