"""Every kind of chat: golden texts, and what holds for all of them."""

import csv
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.chats.messages import Chat
from stages.chats.reader import read_chats, tag_chat
from stages.command.errors import UserError
from stages.dialogue.names import spoken
from tests.chats.golden import GOLDEN, NOTICES, Golden

Writer = Callable[[int, str, str], str]

WRITERS: dict[str, Writer] = {
    "KakaoTalk, computer": lambda i, name, text: f"[{name}] [오후 {i % 12 + 1}:05] {text}",
    "KakaoTalk, Android": lambda i, name, text: f"2026년 10월 {i + 1}일 오후 3:05, {name} : {text}",
    "KakaoTalk, iPhone": lambda i, name, text: f"2026. 10. {i + 1}. 오후 3:05, {name} : {text}",
    "LINE, phone": lambda i, name, text: f"오후 3:{i + 10}\t{name}\t{text}",
    "WhatsApp, Android": lambda i, name, text: f"10/{i + 1}/26, 3:05 PM - {name}: {text}",
    "WhatsApp, iPhone": lambda i, name, text: f"[{i + 1:02}.10.26, 15:14:03] {name}: {text}",
    "Zoom": lambda i, name, text: f"15:14:{i + 10} From {name} to Everyone: {text}",
    "Discord, exported": lambda i, name, text: f"[10/{i + 1:02}/2026 3:05 PM] {name}\n{text}\n",
    "Discord, pasted": lambda i, name, text: f"{name} — 오늘 오후 3:{i + 10}\n{text}",
    "Slack, pasted": lambda i, name, text: f"{name}  3:{i + 10} PM\n{text}\n",
    "Clova Note": lambda i, name, text: f"{name} 00:{i + 10}\n{text}\n",
    "plain": lambda i, name, text: f"{name}: {text}",
}
NAMES = ["가람🌻", "나래 (총무)", "3호선", "[팀장] 다온", "O'Neil", "김솔/기획 2팀"]
WORDS = [
    "점심 먹자", "주소: 북쪽 2층", "링크: https://a.example/1?t=10:30", "참고 : 오후 3:30에 봐",
    "ㅋㅋㅋ", "Guild: 등산",
    "100% 맞아!", "🙂", "- 물 2병", "그는 (웃음) 말했다", "2026년 10월 3일 좋아",
]  # fmt: skip


def read(text: str) -> Chat:
    [chat] = read_chats(text, place="chat.txt")
    return chat


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_a_chat_is_who_said_what(golden: Golden) -> None:
    chat = read(golden.text)
    assert chat.kind == golden.kind
    assert [(message.name, message.text) for message in chat.messages] == golden.said
    assert dict(chat.left_out) == golden.left_out


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_line_ends_and_blank_lines_around_mean_nothing(golden: Golden) -> None:
    chat = read(golden.text)
    assert read(golden.text.replace("\n", "\r\n")) == chat
    assert read(golden.text.rstrip("\n")) == chat


@pytest.mark.parametrize("kind", WRITERS)
@given(
    said=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(WORDS)), min_size=2, max_size=8)
)
def test_every_text_is_in_the_dialogue_and_everybody_who_speaks_is_known(
    kind: str, said: list[tuple[str, str]]
) -> None:
    text = "\n".join(WRITERS[kind](i, *one) for i, one in enumerate(said))
    chat = read(text)
    assert [(message.name, message.text) for message in chat.messages] == said
    tagged = tag_chat(chat)
    assert list(tagged.names.values()) == list(dict.fromkeys(name for name, _ in said))
    lines = tagged.dialogue.split("\n")
    assert [line.partition(": ")[2] for line in lines] == [words for _, words in said]


@pytest.mark.parametrize("kind", [kind for kind in WRITERS if kind != "plain"])
@given(said=st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
def test_a_line_without_a_stamp_is_nobody(kind: str, said: list[str]) -> None:
    write = WRITERS[kind]
    text = "\n".join(
        [write(0, "가람", "공지"), *said, "", write(1, "나래", "네"), write(2, "가람", "응")]
    )
    chat = read(text)
    assert [message.name for message in chat.messages] == ["가람", "나래", "가람"]
    assert all(words in chat.messages[0].text for words in said)


@pytest.mark.parametrize(
    ("text", "dialogue", "names"),
    [
        ("민수: 먹자.\n지영: 좋아.", "#Person1#: 먹자.\n#Person2#: 좋아.", ["민수", "지영"]),
        ("민수:먹자.\n\n지영 ： 좋아.", "#Person1#: 먹자.\n#Person2#: 좋아.", ["민수", "지영"]),
        ("민수: 먹자.\n민수: 응?", "#Person1#: 먹자.\n#Person1#: 응?", ["민수"]),
        ("김 대리(영업): 네.\n오후 3:30에요.", "#Person1#: 네. 오후 3:30에요.", ["김 대리(영업)"]),
        ("A: https://a.kr 봐.\nhttps://b.kr", "#Person1#: https://a.kr 봐. https://b.kr", ["A"]),
        ("#Person1#: 지영: 알지?", "#Person1#: 지영: 알지?", []),
        (
            "[민수] [오전 10:30] 먹자.\n[지영] [오후 3:05] 좋아.",
            "#Person1#: 먹자.\n#Person2#: 좋아.",
            ["민수", "지영"],
        ),
        (
            "2024년 3월 1일 오후 3:05, 민수 : 먹자.\n2024년 3월 1일 오후 3:06, 지영 : 3:40에 봐.",
            "#Person1#: 먹자.\n#Person2#: 3:40에 봐.",
            ["민수", "지영"],
        ),
        ("[10:30] 민수: 먹자.", "#Person1#: 먹자.", ["민수"]),
        ("오전 10:30 민수: 먹자.", "#Person1#: 먹자.", ["민수"]),
        (
            "[10:30] #Person1#: 먹자.\n[10:31] #Person2#: 응.",
            "#Person1#: 먹자.\n#Person2#: 응.",
            [],
        ),
        ("#사람1#:안녕.\r\nPerson2: 응.", "#Person1#: 안녕.\n#Person2#: 응.", []),
    ],
)
def test_names_become_tags(text: str, dialogue: str, names: list[str]) -> None:
    tagged = tag_chat(read(text))
    assert tagged.dialogue == dialogue
    assert list(tagged.names.values()) == names


@pytest.mark.parametrize(
    "text",
    [
        "보라\n00:03\n봐요\n\n솔\n00:10\n네\n",
        "회의록\n\n[00:00:03] 보라\n봐요\n\n[00:00:10] 솔\n네\n",
        "보라 (00:00:03)\n봐요\n\n솔 (00:00:10)\n네\n",
        "보라   0:03\n봐요\n\n솔   0:10\n네\n",
        "보라  [9:01 AM]\n봐요\n솔  [9:03 AM]\n네\n",
        "보라\n:house:  9:01 AM\n봐요\n솔\n  9:03 AM\n네\n",
        "보라\n오전 9:01\n봐요\n솔\n오전 9:03\n네\n",
        "보라, [03.10.2026 11:58]\n봐요\n\n솔, [03.10.2026 12:00]\n네\n",
        "보라 — 2026. 10. 3. 오전 11:58\n봐요\n솔\n — 2026. 10. 3. 오후 12:00\n네\n",
        "[오전 11:58]보라: 봐요\n[오후 12:00]솔: 네\n",
        "2026-10-03T11:58:03 보라: 봐요\n2026-10-03 12:00:03 솔: 네\n",
        "2026-10-03 11:58, 보라 : 봐요\n2026-10-03 12:00, 솔 : 네\n",
        "3 October 2026 at 11:58, 보라 : 봐요\n3 October 2026 at 12:00, 솔 : 네\n",
        "03/10/2026, 11:58 p.m. - 보라: 봐요\n03/10/2026, 11:59 p.m. - 솔: 네\n",
        "00:00:03 --> 00:00:05\n보라: 봐요\n\n00:00:06 --> 00:00:08\n솔: 네\n",
        "00:00:03\n보라: 봐요\n00:00:10\n솔: 네\n",
        "보라 ： 봐요\n솔： 네\n",
        "1. 보라: 봐요\n2. 솔: 네\n",
        "__보라__: 봐요\n*솔*: 네\n",
    ],
)
def test_a_manner_of_writing_is_known(text: str) -> None:
    said = [(message.name, message.text) for message in read(text).messages]
    assert said == [("보라", "봐요"), ("솔", "네")]


def test_names_among_tags_are_told() -> None:
    tagged = tag_chat(read("#Person1#: 먹자.\n민수: 좋아."))
    assert tagged.dialogue == "#Person1#: 먹자. 민수: 좋아."
    assert tagged.unclear == ("민수",)
    assert tag_chat(read("#Person1#: 지영: 알지?")).unclear == ()
    assert tag_chat(read("민수: 먹자.")).unclear == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "chat.txt has no dialogue"),
        (" \n---\n ", "chat.txt has no dialogue"),
        ("안녕하세요.\n반갑습니다.", "chat.txt: nobody speaks in '안녕하세요."),
        ("민수:\n지영:", "nobody speaks"),
        ("주소: 서울\n링크: https://a.example", "nobody speaks"),
        ("[민수] [오전 10:30] 사진", r"nobody speaks in KakaoTalk's .*, left out: photos.* \(1\)"),
        ('fname,dialogue\n1,"#Person1#: 네."', "is a data set with a column dialogue, not a chat"),
        ('{"data": []}', "is JSON, but no channel of Slack's export"),
        ("[" * 100_000, "nobody speaks"),
        ('[{"a": ' * 100_000, "looks like JSON and is none"),
        ('[{"type": 1}]', "is JSON, but no channel"),
        ('[{"type": "message", "ts": [], "user": {}, "text": null}]', "nobody speaks"),
        ('Date,User,Message\n2026-10-03,"가람"', "line 2: 2 cells in place of the three"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n음악", "nobody speaks"),
    ],
)
def test_what_is_no_dialogue_is_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_chats(text, place="chat.txt")


def test_hyphens_part_dialogues_but_not_a_message() -> None:
    plain = "민수: 먹자.\n---\n지영: 응.\n---\n"
    assert [len(chat.messages) for chat in read_chats(plain, place="")] == [1, 1]
    talk = "[민수] [오전 10:30] 공지\n-----\n내용: 3시\n-----\n[지영] [오전 10:31] 네"
    chats = read_chats(talk, place="")
    assert [[message.name for message in chat.messages] for chat in chats] == [["민수"], ["지영"]]
    assert chats[0].messages[0].text == "공지\n-----\n내용: 3시"


def test_a_chat_without_stamps_may_quote_lines_that_have_them() -> None:
    plain = [f"{name}: 이거 봐 {i}" for i in range(5) for name in ("민수", "지영")]
    chat = read("\n".join([*plain, "[가람] [오전 11:58] 회식: 7시", "민수: 봤어?"]))
    assert [message.name for message in chat.messages] == ["민수", "지영"] * 5 + ["민수"]


def test_a_table_with_odd_cells_is_read() -> None:
    long = "ㅋ" * 200_000
    limit = csv.field_size_limit()
    chat = read(f'Date,User,Message\n어제,"가람",안녕\n2026-99-99 3:00,나래,{long}\n,,봇\n')
    assert [message.text for message in chat.messages] == ["안녕", long]
    assert chat.messages[0].when is None
    assert dict(chat.left_out) == {NOTICES: 1}
    assert csv.field_size_limit() == limit


def test_a_crowd_is_read() -> None:
    tagged = tag_chat(read("\n".join(f"손님{c}: 네." for c in "가나다라마바사아")))
    assert len(spoken(tagged.dialogue)) == 8
