r"""A text that somebody has → chats, of whichever format it is; and these with tagged speakers.

Where lines have stamps only they begin a message. Without stamps it is one turn a line, `민수:
점심 먹자.` or `#Person1#: 점심 먹자.`; a line without a speaker goes on with the turn above it, and
blank lines mean nothing. A line of hyphens, `---`, ends a dialogue and begins the next.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from stages.chats.blocks import DISCORD_EXPORT, Blocks, find_blocks, read_blocks
from stages.chats.exports import is_kakao_csv, read_kakao_csv, read_slack_json
from stages.chats.lines import Form, count_turns, has_days, opens, read_lines
from stages.chats.messages import Chat, Message, told
from stages.chats.messengers import EXPORTS, LINE_BLANKS, PASTED, STAMPED
from stages.chats.plain import PLAIN, count_plain, read_plain, speaker_of
from stages.chats.subtitles import is_subtitles, read_subtitles
from stages.command.errors import UserError
from stages.dialogue.names import Tagged, tag_turns
from stages.dialogue.repair.rules import repair
from stages.dialogue.turns import split_turns

FORM = "write one turn a line, such as '민수: 안녕하세요.' or '#Person1#: 안녕하세요.'"
TAGGED = "a dialogue with tags"

_BETWEEN_DIALOGUES = re.compile(r"[^\S\n]*-{3,}[^\S\n]*")
_LOOKED_AT = 5000
"""Lines by which a format is recognised."""
_MOST_ABOVE = 3
"""Lines with a colon above the first stamp that are a header still, and no chat without stamps."""
_IS_JSON = re.compile(r"\s*(?:\[\s*)?[{]|\s*\[\s*\]\s*$")
_IS_DATA_SET = re.compile(r"(?:[^,\n]{0,80},){0,20}\"?dialogue\"?(?:,|\s*$)", re.IGNORECASE)
_TAG = re.compile(r"^\s*#Person\d+#\s*[:：]", re.MULTILINE)


def read_chats(text: str, *, place: str) -> list[Chat]:
    """Return the chats of a text, which `place` is the name of; all of them, or `UserError`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    if _IS_DATA_SET.match(first):
        raise UserError(
            f"{place} is a data set with a column dialogue, not a chat; put it into data.dir for: "
            "dvc repro predict"
        )
    if is_kakao_csv(lines):
        return [_spoken(read_kakao_csv(lines, place=place), text, place)]
    if _IS_JSON.match(text):
        return [_spoken(read_slack_json(text, place=place), text, place)]
    if is_subtitles(lines):
        return [_spoken(read_subtitles(lines), text, place)]
    pieces = _split(lines)
    if not pieces:
        raise UserError(f"{place} has no dialogue; {FORM}")
    places = (
        [place] if len(pieces) == 1 else [dialogue_place(place, n + 1) for n in range(len(pieces))]
    )
    return [
        _spoken(_read(piece), "\n".join(piece), where)
        for piece, where in zip(pieces, places, strict=True)
    ]


def dialogue_place(place: str, number: int) -> str:
    """Return how a message names one of the dialogues of a place, counted from 1."""
    return f"{place}, dialogue {number}"


def tag_chat(chat: Chat) -> Tagged:
    r"""Return a chat as one dialogue, with its speakers tagged.

    >>> [chat] = read_chats("민수: 먹자.\n지영: 좋아, 민수야!", place="chat.txt")
    >>> tag_chat(chat).dialogue
    '#Person1#: 먹자.\n#Person2#: 좋아, 민수야!'
    """
    if not any(map(_is_tag, (message.name for message in chat.messages))):
        return tag_turns((message.name, message.text) for message in chat.messages)
    lines = (f"{message.name}: {message.text}".removeprefix(": ") for message in chat.messages)
    dialogue = repair("\n".join(lines))
    return Tagged(dialogue, {}, chat.unclear)


def _split(lines: Sequence[str]) -> list[list[str]]:
    """Cut a text at its lines of hyphens; an empty piece is no dialogue.

    In a message of an export such a line is a word of it, unless a message stands below it.
    """
    form = _recognise(lines)
    pieces: list[list[str]] = [[]]
    for line in lines:
        if _BETWEEN_DIALOGUES.fullmatch(line):
            pieces.append([line])
        else:
            pieces[-1].append(line)
    whole: list[list[str]] = []
    for number, piece in enumerate(pieces):
        below = piece[1:] if number else piece
        if whole and form in EXPORTS and not _begins(form, below):
            whole[-1] += piece
        elif any(line.strip() for line in below):
            whole.append(below)
    return whole


def _begins(form: Form, lines: Sequence[str]) -> bool:
    first = next((line for line in lines if line.strip()), "")
    return not first or opens(form, first) or bool(_TAG.search("\n".join(lines)))


def _read(lines: Sequence[str]) -> Chat:
    """Read one dialogue."""
    form = _recognise(lines)
    if isinstance(form, Form):
        return read_lines(form, lines)
    if form is not None:
        return read_blocks(form, lines)
    text = "\n".join(lines)
    turns = split_turns(repair(text))
    if any(turn.speaker and turn.text for turn in turns):
        names = filter(None, dict.fromkeys(speaker_of(line)[0] for line in lines))
        messages = [Message(turn.speaker, turn.text) for turn in turns]
        return Chat(TAGGED, messages, Counter(), tuple(names))
    return read_plain(lines)


def _recognise(lines: Sequence[str]) -> Form | Blocks | None:
    """Return the form of what has stamps; none where nothing has, or hardly anything."""
    sample = lines[:_LOOKED_AT]
    plain = count_plain(sample)
    counts = {form.kind: count_turns(form, sample) for form in (*EXPORTS, *PASTED)}
    if counts[LINE_BLANKS.kind] <= 2 * counts[STAMPED.kind] or not has_days(LINE_BLANKS, sample):
        counts[LINE_BLANKS.kind] = 0
    best = max(EXPORTS, key=lambda form: counts[form.kind])
    if counts[best.kind] and not _is_quoted(best, sample, counts[best.kind], plain):
        return best
    blocks = find_blocks(lines)
    if blocks.heads and blocks.kind == DISCORD_EXPORT:
        return blocks
    pasted = max(PASTED, key=lambda form: counts[form.kind])
    most = max(counts[pasted.kind], len(blocks.heads))
    if not most or 2 * most < plain:
        return None
    return pasted if counts[pasted.kind] == most else blocks


def _is_quoted(form: Form, lines: Sequence[str], turns: int, plain: int) -> bool:
    """Tell whether a chat without stamps quotes some lines that have them."""
    above = takewhile(lambda line: not form.turn.match(line), lines)
    return plain > turns and count_plain(list(above)) > _MOST_ABOVE


def _spoken(chat: Chat, text: str, place: str) -> Chat:
    """Return the chat, or raise `UserError` where nobody speaks in it."""
    if any(message.name and message.text for message in chat.messages):
        return chat
    without = told(chat.left_out)
    stamped = chat.kind != PLAIN and without
    found = f" in {chat.kind}, {without}" if stamped else f" in {text.strip()[:40]!r}"
    raise UserError(f"{place}: nobody speaks{found}; {FORM}")


def _is_tag(name: str) -> bool:
    return bool(_TAG.match(f"{name}:"))
