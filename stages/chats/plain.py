r"""Chats without times: a name, a colon and the words, also in Markdown: `**민수:** 점심 먹자.`.

What stands before the colon is a name by its looks alone: it has no colon, is short or has few
blanks, and is no word that labels things (`장소: …`).
"""

import re
from collections.abc import Sequence

from stages.chats.messages import HEADERS, RULES, Chat, Draft, finish
from stages.chats.stamps import TIME

PLAIN = "a chat without times"
_COLON = r"(?:(?<!\d)[:：]|[:：](?!\d))(?!//)"
"""`오후 3:30에 봐` and `https://` have a colon and no speaker."""
_SPEAKER = re.compile(
    r"\s*+(?P<list>(?:[-*•·>]|\d{1,3}[.)])\s++)?(?P<bold>\*\*|__|\*)?"
    rf"(?P<name>[^\s:：#*][^:：#\n*]{{0,59}}?)(?<!\s)\s*+(?:(?P<end>\*\*|__|\*)\s*+)?{_COLON}"
    r"\s*(?P<text>.*)"
)
_LABEL = re.compile(
    r"주소|링크|시간|장소|일시|날짜|준비물|참고|비고|제목|안건|첨부|출처|문의|전화|계좌|금액|가격|추신"
    r"|저장한 날짜|저장 시간|https?|url|link|address|time|date|place|subject|note|ps|p\.s\."
    r"|guild|channel|topic|date saved|saved on",
    re.IGNORECASE,
)
_SHORT, _MOST_BLANKS = 20, 3
_SENTENCE = re.compile(r"[.?!…]\s|[?!]")
_TIME_ALONE = re.compile(rf"[\[(]?{TIME}[\])]?$")


def speaker_of(line: str) -> tuple[str, str]:
    """Return the name and the words of a line; both are empty where it names no speaker.

    >>> speaker_of("**민수:** 점심 먹자."), speaker_of("오후 3:30에 봐")
    (('민수', '점심 먹자.'), ('', ''))
    """
    match = _SPEAKER.match(line)
    return (match["name"], _text(match)) if match and _is_name(match["name"]) else ("", "")


def count_plain(lines: Sequence[str]) -> int:
    """Return how many of the lines name a speaker."""
    return sum(bool(speaker_of(line)[0]) for line in lines)


def read_plain(lines: Sequence[str]) -> Chat:
    """Read lines that begin with a name; a line without one goes on with the message above it.

    In a list only those points are messages whose names stand elsewhere as well, if any do.
    """
    found = [_SPEAKER.match(line) for line in lines]
    turns = [turn if turn and _is_name(turn["name"]) else None for turn in found]
    outside = {turn["name"] for turn in turns if turn and not turn["list"]}
    drafts: list[Draft] = []
    left_out: list[str] = []
    for line, turn in zip(lines, turns, strict=True):
        if turn and not (turn["list"] and outside and turn["name"] not in outside):
            drafts.append(Draft(turn["name"], [_text(turn)]))
        elif _TIME_ALONE.match(line.strip()):
            left_out.append(RULES)
        elif drafts:
            drafts[-1].lines.append(line)
        elif line.strip():
            left_out.append(HEADERS)
    return finish(PLAIN, drafts, left_out)


def _is_name(name: str) -> bool:
    if _LABEL.fullmatch(name) or _SENTENCE.search(name):
        return False
    return len(name) <= _SHORT or len(name.split()) <= _MOST_BLANKS + 1


def _text(turn: re.Match[str]) -> str:
    text = turn["text"]
    opened = turn["bold"]
    if opened and not turn["end"] and opened in text:  # `**민수:** 안녕`, `**민수: 안녕**`
        before, _, after = text.partition(opened)
        text = f"{before}{after}".strip() if not before or not after else text
    return text
