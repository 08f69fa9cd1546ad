r"""Repairs of characters and of what stands for a line end.

None touches `5%`, `R&B`, `$308`, `#키`, `'ㅣ'`, `ㅎㅎ` or the path `C:\notes`.
"""

import re
import unicodedata

# Tab and line feed stay. A lone carriage return is a line end by now.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# The zero-width joiner U+200D stays: it holds emoji such as 👨‍👩‍👧 together.
_ZERO_WIDTH = re.compile(r"[\u200b\u2060\ufeff]")
_IN_PARTS = re.compile(r"[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+")
# A small letter after it and a letter, digit, colon or backslash before it: that may be a path.
# With the backslash in front the search is ten times faster.
_WRITTEN_LINE_END = re.compile(r"\\(?:(?<![A-Za-z0-9_:\\]\\)(?:r\\)?n|(?:r\\)?n(?![a-z]))")
_BREAK_TAG = re.compile(r"</?br\s*/?>", re.IGNORECASE)
_OPENING_QUOTES = re.compile(r"\A\s*([\"'“‘]+)\s*(?=#Person\d+#)")
_CLOSING = str.maketrans("“‘", "”’")
_JAMO_RO = re.compile(r"(?<=([가-힣]))ㅇ로")
_JAMO_NIDA = re.compile(r"([가-힣])ㅂ(?=니[다까])")
_FIRST_SYLLABLE, _FINALS, _RIEUL, _BIEUP = ord("가"), 28, 8, 17


def unify_line_ends(dialogue: str) -> str:
    r"""Make every line end a line feed.

    >>> unify_line_ends("#Person1#: 안녕.\r\n#Person2#: 응.")
    '#Person1#: 안녕.\n#Person2#: 응.'
    """
    return dialogue.replace("\r\n", "\n").replace("\r", "\n")


def compose_syllables(dialogue: str) -> str:
    r"""Make one character of a syllable that is written in its parts (NFD, as macOS does).

    >>> compose_syllables("\u1102\u1166.")
    '네.'
    """
    return _IN_PARTS.sub(lambda parts: unicodedata.normalize("NFC", parts[0]), dialogue)


def is_hidden(character: str) -> bool:
    """Tell whether nobody sees a character: a control character, or one without width."""
    return bool(_CONTROL.match(character) or _ZERO_WIDTH.match(character))


def drop_control_characters(dialogue: str) -> str:
    r"""Take out control characters but the tab and the line feed.

    >>> drop_control_characters("잘\x08 지내\x1d?")
    '잘 지내?'
    """
    return _CONTROL.sub("", dialogue)


def drop_zero_width(dialogue: str) -> str:
    r"""Take out characters that nobody can see: U+200B, U+2060 and U+FEFF.

    >>> drop_zero_width("안녕\u200b하세요.")
    '안녕하세요.'
    """
    return _ZERO_WIDTH.sub("", dialogue)


def break_at_written_line_ends(dialogue: str) -> str:
    r"""Make a backslash and an `n` the line end that they stand for; a path keeps them.

    >>> break_at_written_line_ends(r"#Person1#: 안녕.\n#Person2#: 응, C:\notes 봐.")
    '#Person1#: 안녕.\n#Person2#: 응, C:\\notes 봐.'
    """
    return _WRITTEN_LINE_END.sub("\n", dialogue)


def break_at_html(dialogue: str) -> str:
    r"""Make `<br>` the line end that it stands for.

    >>> break_at_html("#Person1#: 안녕.<br />#Person2#: 응.")
    '#Person1#: 안녕.\n#Person2#: 응.'
    """
    return _BREAK_TAG.sub("\n", dialogue)


def strip_stray_quotes(dialogue: str) -> str:
    r"""Take off the quotes around a whole dialogue; quotes within it stay.

    >>> strip_stray_quotes('"#Person1#: 그가 "가자"래.\n#Person2#: 응."')
    '#Person1#: 그가 "가자"래.\n#Person2#: 응.'
    """
    opening = _OPENING_QUOTES.match(dialogue)
    if not opening:
        return dialogue
    closing = opening[1][::-1].translate(_CLOSING)
    return dialogue[opening.end() :].rstrip().removesuffix(closing)


def mend_jamo(dialogue: str) -> str:
    """Complete a syllable that was typed in half, where only one completion exists.

    >>> mend_jamo("배경ㅇ로 좋아하ㅂ니다. 'ㅣ'로 끝나는 말이네 ㅎㅎ")
    "배경으로 좋아합니다. 'ㅣ'로 끝나는 말이네 ㅎㅎ"
    """
    dialogue = _JAMO_RO.sub(
        lambda match: match[0] if _final(match[1]) in {0, _RIEUL} else "으로", dialogue
    )
    return _JAMO_NIDA.sub(
        lambda match: match[0] if _final(match[1]) else chr(ord(match[1]) + _BIEUP), dialogue
    )


def _final(syllable: str) -> int:
    """Return the number of the syllable's final consonant in Unicode's order, 0 for none."""
    return (ord(syllable) - _FIRST_SYLLABLE) % _FINALS
