"""The lines of KakaoTalk, LINE, WhatsApp and Zoom, and of what is pasted in their manner."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from stages.chats.lines import Form
from stages.chats.messages import NOTICES, Draft
from stages.chats.phrases import MARKS, is_deleted, is_notice, part_media
from stages.chats.stamps import DATE, DAY, STAMP, TIME

_MARK = f"[{MARKS}]*+"
_TEXT = r"(?:\s(?P<text>.*)|$)"
_DAY = re.compile(rf"(?P<date>{DAY})")
_KAKAO_HEADER = re.compile(
    r".{1,200} 카카오톡 대화|저장한 날짜 ?: .*|KakaoTalk Chats? with .+|Date Saved ?: .*"
)
_LINE_HEADER = re.compile(r"\[LINE\] ?.+|저장 ?(?:시간|일시|한 날짜) ?: .*|Saved (?:on|time) ?: .*")
_RECEIVER = re.compile(r"(?<!\s)\s+(?:to|To|받는 사람|수신자|대상)\s+")
_OF_A_GROUP = re.compile(r"님이 |created group |changed the ")
_MOST_WORDS = 4
"""Of a name in LINE's export, which has nothing but a blank behind it."""


def _whatsapp_android(drafts: Iterable[Draft]) -> Iterator[Draft | str]:
    for draft in drafts:
        name = draft.name
        quoted = name.count('"') % 2 or name.count("“") > name.count("”")
        if quoted and _OF_A_GROUP.search(name):  # Garam created group "점심: 모임"
            yield NOTICES
        else:
            yield _without_marks(draft)


def _whatsapp_iphone(drafts: Iterable[Draft]) -> Iterator[Draft | str]:
    for draft in drafts:
        bare = _without_marks(draft)
        text = "\n".join(bare.lines)
        own = draft.lines[0].startswith("\u200e")
        yield NOTICES if own and not is_deleted(text) and part_media(text) == text else bare


def _without_marks(draft: Draft) -> Draft:
    first, *rest = draft.lines
    name = draft.name.removeprefix("~").strip()  # who is in nobody's contacts
    return draft._replace(name=name, lines=[first.lstrip("\u200e\u200f"), *rest])


def _zoom(drafts: Iterable[Draft]) -> Iterator[Draft | str]:
    for draft in drafts:
        name, lines = _RECEIVER.split(draft.name)[0], draft.lines
        quoted = next((text for text in lines if text.strip()), "")
        if quoted.strip().startswith(("Replying to ", "다음에 회신 중 ")):
            lines = lines[lines.index(quoted) + 1 :]
        yield draft._replace(name=name, lines=[text.strip() for text in lines])


def _line_with_tabs(drafts: Iterable[Draft]) -> Iterator[Draft | str]:
    for draft in drafts:
        text = "\n".join(draft.lines).rstrip()
        several = len(draft.lines) > 1 and len(text) > 1 and text[0] == text[-1] == '"'
        yield draft._replace(lines=[text[1:-1].replace('""', '"')]) if several else draft


def _line_with_blanks(drafts: Iterable[Draft]) -> Iterator[Draft | str]:
    """Part names from words: what all the messages that begin with one word go on with is name."""
    drafts = list(drafts)
    groups = defaultdict(list)
    for draft in drafts:
        groups[draft.name].append(draft.lines[0].split(" "))
    lengths = {name: _shared(texts) for name, texts in groups.items()}
    for draft in drafts:
        words = draft.lines[0].split(" ")
        length = lengths[draft.name]
        name = " ".join([draft.name, *words[:length]])
        if is_notice(f"{draft.name} {draft.lines[0]}"):
            yield NOTICES
        else:
            yield draft._replace(name=name, lines=[" ".join(words[length:]), *draft.lines[1:]])


def _shared(texts: Sequence[Sequence[str]]) -> int:
    """Return how many words all the texts begin with, where each goes on; one text has none."""
    if len(texts) == 1:
        return 0
    columns = zip(*(text[:-1] for text in texts), strict=False)
    alike = [len(set(column)) == 1 for column in columns][: _MOST_WORDS - 1]
    return alike.index(False) if False in alike else len(alike)


KAKAO_PC = Form(
    "KakaoTalk's export of a computer",
    re.compile(rf"{_MARK}\[(?P<name>.+?)\] \[(?P<time>{TIME})\]{_TEXT}"),
    rule=re.compile(rf"-{{3,}} ?(?P<date>{DAY}) ?-{{3,}}"),
    header=_KAKAO_HEADER,
    tells_in_lines=True,
)
KAKAO_PHONE = Form(
    "KakaoTalk's export of a phone",
    re.compile(rf"{_MARK}{STAMP}, (?P<name>.+?) :{_TEXT}"),
    re.compile(rf"{_MARK}{STAMP}(?:[,:] (?P<text>.*))?$"),
    _DAY,
    _KAKAO_HEADER,
)
WHATSAPP_ANDROID = Form(
    "WhatsApp's export of an Android phone",
    re.compile(rf"{_MARK}{STAMP} [-–] (?P<name>.+?):{_TEXT}"),
    re.compile(rf"{_MARK}{STAMP} [-–] (?P<text>.*)"),
    mend=_whatsapp_android,
)
WHATSAPP_IPHONE = Form(
    "WhatsApp's export of an iPhone",
    re.compile(rf"{_MARK}\[{STAMP}\] (?P<name>.+?):{_TEXT}"),
    re.compile(rf"{_MARK}\[{STAMP}\] (?P<text>.*)"),
    mend=_whatsapp_iphone,
)
LINE_TABS = Form(
    "LINE's export of a phone",
    re.compile(rf"{_MARK}(?P<time>{TIME})\t(?P<name>[^\t]+)\t(?P<text>.*)"),
    re.compile(rf"{_MARK}{TIME}\t++(?P<text>.*)"),
    _DAY,
    _LINE_HEADER,
    mend=_line_with_tabs,
)
LINE_BLANKS = Form(
    "LINE's export of a computer",
    re.compile(rf"{_MARK}(?P<time>{TIME}) (?P<name>\S+) (?P<text>.*)"),
    re.compile(rf"{_MARK}{TIME} (?P<text>\S+)$"),
    _DAY,
    _LINE_HEADER,
    mend=_line_with_blanks,
)
"""Only where LINE's header or its days are there: `9:30 회의 시작` would be a message of 회의."""
ZOOM = Form(
    "Zoom's chat",
    re.compile(
        rf"{_MARK}(?P<time>{TIME})\s++(?:From|시작|발신자|보낸 사람):?\s++(?P<name>[^:]+):{_TEXT}"
    ),
    mend=_zoom,
)
STAMPED = Form(
    "a chat with times before the names",
    re.compile(
        rf"{_MARK}[\[(]?(?:(?P<date>{DATE}),?[\sT](?:at\s)?)?(?P<time>{TIME})[\])]?,?(?:\s[-–|])?\s*+"
        r"(?P<name>[^\s:：][^:：]{0,199}?)(?<!\s)\s*+[:：](?!//)\s?(?P<text>.*)"
    ),
)
NAME_FIRST = Form(
    "a chat with times behind the names",
    re.compile(
        rf"{_MARK}(?P<name>[^\s:：][^:：]{{0,199}}?)(?<!\s)(?:\s*+[\[(]|\s++)(?:(?P<date>{DATE}),?\s)?(?P<time>{TIME})[\])]?"
        r"\s*+[:：](?!//)\s?(?P<text>.*)"
    ),
)
EXPORTS = (
    KAKAO_PC, KAKAO_PHONE, WHATSAPP_ANDROID, WHATSAPP_IPHONE, LINE_TABS, LINE_BLANKS, ZOOM,
)  # fmt: skip
"""What only a program writes."""
PASTED = (STAMPED, NAME_FIRST)
