"""Exports that are tables: the CSV of KakaoTalk on a Mac, and a channel of Slack as JSON."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from stages.chats.messages import DELETED, MEDIA, NOTICES, Chat, Draft, finish
from stages.chats.stamps import STAMP
from stages.command.errors import UserError

KAKAO_CSV = "KakaoTalk's export of a Mac"
SLACK_JSON = "Slack's export"
_CSV_HEADER = re.compile(r"\s*\"?Date\"?,\"?User\"?,\"?Message\"?\s*$", re.IGNORECASE)
_STAMP = re.compile(STAMP)
_MENTION = re.compile(r"<([@#!])([^<>|]{1,80})(?:\|([^<>]{1,200}))?>")
_LINK = re.compile(r"<((?:https?|mailto|tel):[^<>|]{1,2000})(?:\|([^<>]{1,2000}))?>")
_WORDS = frozenset(
    {"", "thread_broadcast", "me_message", "bot_message", "file_share", "file_comment"}
)
"""Subtypes of what somebody wrote; every other is a notice."""


def is_kakao_csv(lines: Sequence[str]) -> bool:
    """Tell by the header, `Date,User,Message`."""
    return bool(lines and _CSV_HEADER.match(lines[0]))


def read_kakao_csv(lines: Sequence[str], *, place: str) -> Chat:
    """Read a table with a row for each message."""
    limit = csv.field_size_limit(2**31 - 1)  # a message of any length
    rows = csv.reader(io.StringIO("\n".join(lines), newline=""))
    drafts, left_out = list[Draft](), list[str]()
    try:
        next(rows)
        for row in rows:
            match row:
                case [stamp, name, text] if name.strip():
                    when = _STAMP.fullmatch(stamp.strip())
                    day, clock = (when["date"], when["time"]) if when else ("", "")
                    drafts.append(Draft(name, text.split("\n"), day, clock))
                case [_, _, _]:
                    left_out.append(NOTICES)
                case []:
                    pass
                case _:
                    raise UserError(
                        f"{place}, line {rows.line_num}: {len(row)} cells in place of the three of "
                        "Date,User,Message; export the chat again"
                    )
    except csv.Error as error:
        raise UserError(f"{place}, line {rows.line_num}: {error}; export the chat again") from None
    finally:
        csv.field_size_limit(limit)  # which is the whole process's
    return finish(KAKAO_CSV, drafts, left_out)


def read_slack_json(text: str, *, place: str) -> Chat:
    """Read a list of messages; the time zone is this machine's."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(f"{place} looks like JSON and is none; export it again") from None
    if not _is_channel(content):
        raise UserError(
            f"{place} is JSON, but no channel of Slack's export, a list of messages; other JSON is "
            "data for: data.dir in params.yaml"
        )
    names = {str(one.get("user")): _name(one) for one in content if one.get("user_profile")}
    drafts, left_out = list[Draft](), list[str]()
    for one in content:
        kind = str(one.get("subtype") or "")
        words = _plain(str(one.get("text") or ""), names)
        if kind not in _WORDS or one.get("type") != "message":
            left_out.append(DELETED if kind == "tombstone" else NOTICES)
        elif one.get("files") and not words.strip():
            left_out.append(MEDIA)
        else:
            day, clock = _stamp(one.get("ts"))
            drafts.append(
                Draft(names.get(str(one.get("user")), _name(one)), words.split("\n"), day, clock)
            )
    return finish(SLACK_JSON, drafts, left_out)


def _is_channel(content: object) -> bool:
    return (
        isinstance(content, list)
        and bool(content)
        and all(isinstance(one, dict) and "type" in one and "ts" in one for one in content)
    )


def _name(message: Mapping[str, Any]) -> str:
    profile = message.get("user_profile") or message.get("bot_profile") or {}
    keys = ("display_name", "real_name", "name")
    found = [profile.get(key) for key in keys] if isinstance(profile, dict) else []
    found += [message.get("username"), message.get("user"), message.get("bot_id")]
    return next((str(name) for name in found if name and str(name).strip()), "?")


def _plain(text: str, names: Mapping[str, str]) -> str:
    """Write what Slack escapes as people see it: `<@U1>`, `<https://…|…>`, `&amp;`."""
    text = _MENTION.sub(lambda one: f"{one[1]}{one[3] or names.get(one[2], one[2])}", text)
    text = _LINK.sub(lambda one: one[2] or one[1], text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _stamp(ts: object) -> tuple[str, str]:
    try:
        when = datetime.fromtimestamp(float(str(ts)), UTC).astimezone()
    except (ValueError, OverflowError, OSError):
        return "", ""
    return when.strftime("%Y-%m-%d"), when.strftime("%H:%M:%S")
