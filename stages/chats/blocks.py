"""Chats with a name and a time above the words: Discord, Slack, Clova Note and other transcripts.

A name with its time stands on a line of its own, or the time on the line below it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stages.chats.messages import HEADERS, MEDIA, NOTICES, RULES, Chat, Draft, finish
from stages.chats.phrases import MARKS, is_notice
from stages.chats.stamps import DATE, DAY, TIME, has_half, offset

DISCORD_EXPORT = "DiscordChatExporter's text"
DISCORD = "a chat pasted from Discord"
TELEGRAM = "a chat pasted from Telegram"
SLACK = "a chat pasted from Slack"
TRANSCRIPT = "a transcript with times"

_MARK = f"[{MARKS}]*+"
_EXPORTED = re.compile(
    rf"{_MARK}\[(?P<date>{DATE}),?\s(?P<time>{TIME})\] (?P<name>.+?)(?: \(pinned\))?\s*$"
)
_DAY_WORD = r"(?:오늘|어제|Today|Yesterday|(?:지난 )?[월화수목금토일]요일)"
_WITH_DASH = re.compile(
    rf"{_MARK}(?P<name>[^\s—][^—]*)—\s*(?:{_DAY_WORD}(?: at)?,? )?(?:(?P<date>{DATE}),?\s)?"
    rf"(?P<time>{TIME})\s*$"
)
_NAME_TIME = re.compile(
    rf"{_MARK}(?P<name>[^\s:：][^:：]{{0,99}}?)(?::[a-z0-9_+-]{{1,60}}:)?"
    rf"(?<!\s)(?P<gap>\s*+[\[(]|\s++)(?P<time>{TIME})[\])]?\s*$"
)
_TIME_NAME = re.compile(rf"{_MARK}[\[(]?(?P<time>{TIME})[\])]?\s+(?P<name>[^\s:：][^:：]{{0,99}})$")
_TIME_ALONE = re.compile(
    rf"(?P<blank>\s*+(?::[a-z0-9_+-]{{1,60}}:\s*+)?)\[?(?P<time>{TIME})\]?\s*$"
)
_TELEGRAM = re.compile(rf"(?P<name>.+), \[(?P<date>{DATE}),?\s(?P<time>{TIME})\]:?$")
_SECTION = re.compile(r"\{(?:Attachments?|Embeds?|Reactions?|Stickers?|Invite|Forwarded Message)\}")
_FRAME = re.compile(r"={62}")
"""Around what the exporter says above and below the messages."""
_PASTED_RULE = re.compile(
    rf"(?:-{{3,}} ?)?(?:{DAY}|{_DAY_WORD}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \w+ \d+\w*"
    r"|\d{1,2}월 \d{1,2}일(?: ?[월화수목금토일]요일)?)(?: ?-{3,})?"
)
_PASTED_EXTRA = re.compile(
    r"\d+ repl(?:y|ies)|답글 \d+개|댓글 \d+개|Last reply .*|View thread|스레드 보기|New|새 메시지"
    r"|APP|앱|봇|BOT|:[a-z0-9_+-]+: ?\d*"
)
_DATED = re.compile(DATE)
_APPS = ("APP", "앱")
_MOST_WORDS = 6
"""Of a name; a sentence that ends with a time has more, or a full stop."""


class Head(NamedTuple):
    """The name and the time above some words."""

    line: int
    """The first line of it."""
    below: int
    """The first line of the words."""
    name: str
    """Empty where the same person goes on."""
    clock: str
    date: str = ""


class Blocks(NamedTuple):
    """A text as blocks, if it is one."""

    kind: str
    heads: list[Head]


def find_blocks(lines: Sequence[str]) -> Blocks:
    """Return the heads of a text in the one of the manners that has the most of them."""
    found = (
        _stamped(DISCORD_EXPORT, _EXPORTED, lines),
        _stamped(TELEGRAM, _TELEGRAM, lines),
        _dashed(lines),
        _named(lines),
    )
    return max(found, key=lambda blocks: len(blocks.heads))


def read_blocks(blocks: Blocks, lines: Sequence[str]) -> Chat:
    """Read the words below each head; what stands above the first is the file's header."""
    heads = blocks.heads
    left_out = [HEADERS for line in lines[: heads[0].line] if line.strip()]
    ends = [head.line for head in heads[1:]] + [len(lines)]
    names = {head.name for head in heads}
    drafts: list[Draft] = []
    name, today = "", ""
    for head, end in zip(heads, ends, strict=True):
        name = head.name or name
        body = list(lines[head.below : end])
        rules = [] if blocks.kind == TRANSCRIPT else _take_rules(body)
        words, others = _words(body, names, exported=blocks.kind == DISCORD_EXPORT)
        clock = offset(head.clock) if blocks.kind == TRANSCRIPT else head.clock
        drafts.append(Draft(name, words, head.date or today, clock))
        left_out += [*others, *(RULES for _ in rules)]
        today = next((rule for rule in rules if _DATED.search(rule)), today)
    return finish(blocks.kind, drafts, left_out)


def _stamped(kind: str, head: re.Pattern[str], lines: Sequence[str]) -> Blocks:
    matches = ((i, head.match(line)) for i, line in enumerate(lines))
    return Blocks(kind, [Head(i, i + 1, m["name"], m["time"], m["date"]) for i, m in matches if m])


def _dashed(lines: Sequence[str]) -> Blocks:
    """Find `가람 — 오늘 오후 3:14`, which may stand on two or three lines."""
    heads: list[Head] = []
    for i, line in enumerate(lines):
        if heads and i < heads[-1].below:
            continue
        below = [one.strip() for one in lines[i + 1 : i + 3]]
        parts = [line.strip()]
        if below and (below[0].startswith("—") or parts[0].endswith("—")) and parts[0] != "—":
            parts += below[: 2 if below[0] == "—" else 1]
        match = _WITH_DASH.match(" ".join(parts))
        if match:
            heads.append(
                Head(i, i + len(parts), match["name"].strip(), match["time"], match["date"] or "")
            )
    return Blocks(DISCORD, heads)


def _named(lines: Sequence[str]) -> Blocks:
    """Find `가람  3:14 PM` and `참석자 1 00:03`, of which words such as `내일 3:14` are none.

    Where most of them have two blanks within, or a blank line above, the others are words.
    """
    wide, apart, every = list[Head](), list[Head](), list[Head]()
    again: list[Head] = []
    for i, line in enumerate(lines):
        above, further = (lines[j].strip() if j >= 0 else "" for j in (i - 1, i - 2))
        if alone := _TIME_ALONE.match(line):
            head = Head(i - 1, i + 1, above, alone["time"])
            if not above or not _may_be_name(above):
                again.append(Head(i, i + 1, "", ""))
            elif alone["blank"] or has_half(alone["time"]):
                wide.append(head)
                every.append(head)
            else:
                again.append(Head(i, i + 1, "", ""))
                apart += [head] * (not further)
                every += [head] * (not further)
        elif (match := _NAME_TIME.match(line)) and _may_be_name(match["name"]):
            is_app = match["name"] in _APPS and above
            name, first = (above, i - 1) if is_app else (match["name"], i)
            head = Head(first, i + 1, name, match["time"])
            every.append(head)
            wide += [head] * (len(match["gap"]) > 1 or match["gap"] in "[(\t")
            apart += [head] * (not (further if is_app else above))
        elif not above and (match := _TIME_NAME.match(line)) and _may_be_name(match["name"]):
            apart.append(Head(i, i + 1, match["name"], match["time"]))
            every.append(apart[-1])
    heads = next(some for some in (wide, apart, every) if 2 * len(some) >= len(every))
    recorded = bool(heads) and heads[0].clock.startswith(("0:", "00:"))
    if heads and not recorded:
        heads = sorted([*heads, *(one for one in again if one.line > heads[0].line)])
    return Blocks(TRANSCRIPT if recorded else SLACK, heads)


def _may_be_name(text: str) -> bool:
    words = len(text.split())
    return words <= _MOST_WORDS and not text.endswith((".", "?", "!", ",", "…", "~"))


def _take_rules(body: list[str]) -> list[str]:
    """Take the dates off the end of what stands between two heads."""
    rules = []
    while body and (not body[-1].strip() or _PASTED_RULE.fullmatch(body[-1].strip())):
        rules.append(body.pop().strip())
    return [rule for rule in rules if rule]


def _words(body: Iterable[str], names: set[str], *, exported: bool) -> tuple[list[str], list[str]]:
    """Part the words below a head from what is none, of which the kinds are returned."""
    words, others = list[str](), list[str]()
    section = framed = False
    for line in body:
        plain = line.strip()
        if exported and _SECTION.fullmatch(plain):
            section = True
            others.append(NOTICES if plain == "{Reactions}" else MEDIA)
        elif section:
            section = bool(plain)
        elif exported and (framed or _FRAME.fullmatch(plain)):
            framed = True  # to the next message, of another file
            others += [HEADERS] * bool(plain)
        elif not exported and (_PASTED_EXTRA.fullmatch(plain) or is_notice(plain, names)):
            others.append(NOTICES)
        else:
            words.append(line)
    return words, others
