"""Texts that are long, odd or meant to harm: read in steps that grow with their length alone.

What regular expressions do is in C and cannot be counted; of a text of these lengths a search that
starts anew at each letter would take hours, and the test would not end.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.chats.encoding import decode_text
from stages.chats.reader import read_chats, tag_chat
from stages.command.errors import UserError

STARTS = [
    "가람: ", "[가람] [오전 11:58] ", "2026년 10월 3일 오후 3:05, 가람 : ",
    "10/3/26, 3:05 PM - 가람: ", "[03.10.26, 15:14:03] 가람: ", "오후 3:14\t가람\t",
    "15:14:10 From 가람 to 나래: ",
    "가람  3:10 PM\n", "가람 — 오늘 오후 3:14\n", "[10/03/2026 3:05 PM] 가람\n", "가람 00:10\n",
    "WEBVTT\n\n00:01.000 --> 00:02.000\n<v 가람>", "Date,User,Message\n2026-10-03 07:58:01,가람,",
    "", "[", "15:14 ", "15:14:10 From ", "**",
]  # fmt: skip
RUNS = [
    "ㅋ", " ", "[", "]", "—", "-", "*", "#", "＃", ":", "<", "(", '"', "\u200e",
    "to ", " to", "0:00",
]  # fmt: skip


def steps(work: Callable[[], object]) -> int:
    """Return how many functions were called, of Python's and of C's."""
    count = 0

    def called(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("run", RUNS)
def test_a_run_of_one_letter_is_read(start: str, run: str) -> None:
    text = start + run * (200_000 // len(run))
    try:
        chats = read_chats(text, place="chat.txt")
    except UserError:
        return
    assert len(chats) == 1
    assert len(tag_chat(chats[0]).dialogue) <= len(text) + 100


@pytest.mark.parametrize(
    "line",
    [
        "[가람{i}] [오전 11:58] 봐요\n네",
        "2026년 10월 3일 오후 3:05, 가람{i} : 봐요\n2026년 10월 3일\n",
        "10/3/26, 3:05 PM - 가람{i}: 봐요",
        "오후 3:14\t가람{i}\t봐요\n2026.10.03 토요일",
        "2026.10.03 토요일\n15:14 가람{i} 봐요",
        "가람{i}  3:10 PM\n봐요\n3:11\n네",
        "가람{i} — 오늘 오후 3:14\n봐요",
        "가람{i} 00:10\n봐요\n",
        "가람{i}: 봐요\n그래",
        "#Person1#: 봐요{i}\n그래",
        "00:01.000 --> 00:02.000\n가람{i}: 봐요\n",
        "가람{i}: 봐요\n---",
    ],
)
def test_twice_the_lines_take_twice_the_steps(line: str) -> None:
    def reading(n: int) -> Callable[[], object]:
        text = "\n".join(line.format(i=i % 9) for i in range(n))
        return lambda: [tag_chat(chat) for chat in read_chats(text, place="chat.txt")]

    once, twice = steps(reading(400)), steps(reading(800))
    assert once > 400
    assert twice < 2.2 * once


def test_ten_thousand_turns_are_read() -> None:
    text = "\n".join(f"[가람{i % 3}] [오전 11:58] 봐요 {i}" for i in range(10_000))
    [chat] = read_chats(text, place="chat.txt")
    assert len(chat.messages) == len(tag_chat(chat).dialogue.split("\n")) == 10_000


LETTERS = st.sampled_from("[]가나 :,-—\n#0123/.\t<>v*\u200e\u202f오후PM")


@given(st.text(alphabet=LETTERS, max_size=200))
def test_whatever_is_written_is_read_or_refused_in_a_sentence(text: str) -> None:
    with suppress(UserError):
        for chat in read_chats(text, place="chat.txt"):
            assert tag_chat(chat).dialogue


@given(st.binary(max_size=100))
def test_whatever_bytes_there_are_they_are_text_or_refused(content: bytes) -> None:
    with suppress(UserError):
        text, _ = decode_text(content, place="chat.txt")
        assert "\0" not in text
