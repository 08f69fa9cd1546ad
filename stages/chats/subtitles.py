"""Subtitles of a recording: WebVTT, SRT, and the SBV that Google Meet writes.

A name stands before the words, or in WebVTT's tag `<v 가람>`. Cues in which one person goes on
are one message.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from stages.chats.messages import HEADERS, Chat, Draft, finish
from stages.chats.plain import speaker_of
from stages.chats.stamps import offset

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_CUE = re.compile(rf"\s*+(?P<start>{_CLOCK})(?:\s*-->\s*|,){_CLOCK}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[\w.]+)?\s+([^<>]+)>")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]{0,200}>")


def is_subtitles(lines: Sequence[str]) -> bool:
    """Tell whether a text is subtitles: it begins so, or with a cue."""
    first = list(islice((line for line in lines if line.strip()), 2))
    return bool(first) and (first[0].startswith("WEBVTT") or any(map(_CUE.match, first)))


def read_subtitles(lines: Sequence[str]) -> Chat:
    """Read subtitles; a cue without a name goes on with the one above it."""
    drafts: list[Draft] = []
    left_out: list[str] = []
    for start, cue in _cues(lines):
        for name, text in _spoken(cue):
            if not name and not drafts:
                left_out.append(HEADERS)
            elif not name or (drafts and name == drafts[-1].name):
                drafts[-1].lines.append(text)
            else:
                drafts.append(Draft(name, [text], clock=offset(re.split("[.,]", start)[0])))
    return finish("subtitles", drafts, left_out)


def _cues(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the beginning and the lines of each cue, without its number and without notes."""
    start, cue = "", list[str]()
    for line in [*lines, ""]:
        match = _CUE.match(line)
        if match or not line.strip():
            if start and cue:
                yield start, cue
            start, cue = (match["start"] if match else ""), []
        elif start:
            cue.append(line)


def _spoken(cue: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield names, perhaps empty, and words."""
    for line in cue:
        if "<v" in line:
            before, *voices = _VOICE.split(line)
            if text := _text(before):
                yield "", text
            for name, words in zip(voices[::2], voices[1::2], strict=True):
                yield html.unescape(name).strip(), _text(words)
        else:
            text = _text(line)
            name, words = speaker_of(text)
            yield (name, words) if name else ("", text)


def _text(line: str) -> str:
    return html.unescape(_TAG.sub("", line)).strip()
