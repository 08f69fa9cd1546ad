"""Repairs of the layout: one turn a line, `#Person1#: 안녕하세요.`, and nothing around it."""

import re

_BLANK = r"[^\S\n]"
# A hash before the tag's own may only be the end of another tag.
_TURN_WITHIN_LINE = re.compile(rf"(?:(?<=[^\s#])|(?<=\w#)){_BLANK}*(?=#Person\d+#{_BLANK}*[:：])")
# A particle after the tag makes it a part of a sentence, and a small letter does so in English.
_PARTICLE = (
    "(?:은|는|이|가|을|를|과|와|의|도|만|로|에|에게|께|께서|한테|하고|랑|이랑|부터|까지|처럼|보다|님|씨)"
    "(?![가-힣])"
)
_TAG_WITHOUT_COLON = re.compile(
    rf"^(#Person\d+#)(?:{_BLANK}*$|{_BLANK}+(?![a-z:：]|{_PARTICLE})(?=\S))", re.MULTILINE
)
_COLON = re.compile(rf"^(#Person\w*#){_BLANK}*[:：]{_BLANK}*(?=(\S?))", re.MULTILINE)
_FIRST_TURN = re.compile(r"^#Person\w*#:", re.MULTILINE)
_CONTINUED = re.compile(r"\n(?!#Person\w*#:)")
_EMPTY_TURN = re.compile(r"#Person\w*#:\s*")


def strip_blanks(dialogue: str) -> str:
    r"""Take the blanks off both ends of every line.

    >>> strip_blanks(" #Person1#: 안녕. \n#Person2#: 응. ")
    '#Person1#: 안녕.\n#Person2#: 응.'
    """
    return "\n".join(line.strip() for line in dialogue.split("\n"))


def drop_blank_lines(dialogue: str) -> str:
    r"""Take out lines without a character.

    >>> drop_blank_lines("#Person1#: 안녕.\n\n#Person2#: 응.\n")
    '#Person1#: 안녕.\n#Person2#: 응.'
    """
    return "\n".join(line for line in dialogue.split("\n") if line)


def part_turns(dialogue: str) -> str:
    r"""Begin a line at every speaker's tag with a colon; a tag without one is a word of a turn.

    >>> part_turns("#Person1#: 저 #Person2#예요? #Person2#: 네.")
    '#Person1#: 저 #Person2#예요?\n#Person2#: 네.'
    """
    return _TURN_WITHIN_LINE.sub("\n", dialogue)


def add_missing_colons(dialogue: str) -> str:
    r"""Put a colon after a speaker's tag that opens a line, unless a sentence begins with the tag.

    >>> add_missing_colons("#Person1# 안녕하세요.\n#Person2# 는 학생입니다.")
    '#Person1#: 안녕하세요.\n#Person2# 는 학생입니다.'
    """
    return _TAG_WITHOUT_COLON.sub(r"\1: ", dialogue)


def space_colons(dialogue: str) -> str:
    r"""Put one blank after the colon of a turn and none before it.

    >>> space_colons("#Person1#:안녕.\n#Person2# ：  응.")
    '#Person1#: 안녕.\n#Person2#: 응.'
    """
    return _COLON.sub(lambda turn: f"{turn[1]}: " if turn[2] else f"{turn[1]}:", dialogue)


def join_continued_lines(dialogue: str) -> str:
    r"""Put a line without a tag behind the turn that it goes on with.

    >>> join_continued_lines("#Person1#: 안녕하세요.\n반갑습니다.\n#Person2#: 네.")
    '#Person1#: 안녕하세요. 반갑습니다.\n#Person2#: 네.'
    """
    first = _FIRST_TURN.search(dialogue)
    if not first:
        return dialogue
    return dialogue[: first.start()] + _CONTINUED.sub(" ", dialogue[first.start() :])


def drop_empty_last_turns(dialogue: str) -> str:
    r"""Take out turns without words at the end; elsewhere they say that somebody was silent.

    >>> drop_empty_last_turns("#Person1#: 누구?\n#Person2#:\n#Person1#: 너!\n#Person2#:")
    '#Person1#: 누구?\n#Person2#:\n#Person1#: 너!'
    """
    # One pattern for all of them would begin anew at each of 10,000 empty turns.
    lines = dialogue.split("\n")
    kept = at = len(lines)
    while at > 1 and (not lines[at - 1].strip() or _EMPTY_TURN.fullmatch(lines[at - 1])):
        at -= 1
        kept = at if lines[at].strip() else kept
    return "\n".join(lines[:kept])
