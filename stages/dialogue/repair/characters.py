r"""Repairs of characters and of what stands for a line end.

None touches `5%`, `R&B`, `$308`, `#키`, `'ㅣ'`, `ㅎㅎ` or the path `C:\notes`.
"""

import html
import re
import unicodedata
from html.entities import html5

# Tab and line feed stay. A lone carriage return is a line end by now.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# The zero-width joiner U+200D stays: it holds emoji such as 👨‍👩‍👧 together. The soft
# hyphen and the marks of direction come from chats and web pages.
_NO_WIDTH = (
    r"\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
)
_ZERO_WIDTH = re.compile(f"[{_NO_WIDTH}]")
_HIDDEN = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_NO_WIDTH}]")
_IN_PARTS = re.compile(
    r"[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+|[A-Za-z][\u0300-\u036f]+"  # 네, é
)
_EXCEL_ESCAPE = re.compile(r"_x00([01][0-9A-F])_", re.IGNORECASE)
# `&amp;lt;` was escaped twice; a run of `amp;` is undone at once.
_ENTITY = re.compile(
    r"&(?:(?:amp|#38);)*(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_SEPARATORS = re.compile(r"[\u2028\u2029]")
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


def decode_excel_escapes(dialogue: str) -> str:
    r"""Make `_x000D_` the control character that Excel writes so; here a line end.

    >>> decode_excel_escapes("#Person1#: 안녕._x000D_\n#Person2#: 응.")
    '#Person1#: 안녕.\r\n#Person2#: 응.'
    """
    return _EXCEL_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), dialogue)


def decode_html_entities(dialogue: str) -> str:
    """Write the character that an HTML entity stands for; what is none, such as `R&B`, stays.

    >>> decode_html_entities("#Person1#: R&amp;B&nbsp;들어? &#39;봄날&#39;?")
    "#Person1#: R&B 들어? '봄날'?"
    """
    return _ENTITY.sub(_character, dialogue)


def _character(entity: re.Match[str]) -> str:
    name = f"{entity[1]};"
    found = html.unescape(f"&{name}") if name[0] == "#" else html5.get(name, f"&{name}")
    return " " if found == "\xa0" else found


def break_at_separators(dialogue: str) -> str:
    r"""Make a line end of Unicode's separators of lines and paragraphs, which nobody sees.

    >>> break_at_separators("#Person1#: 안녕.\u2028#Person2#: 응.")
    '#Person1#: 안녕.\n#Person2#: 응.'
    """
    return _SEPARATORS.sub("\n", dialogue)


def compose_syllables(dialogue: str) -> str:
    r"""Make one character of a syllable that is written in its parts (NFD, as macOS does).

    >>> compose_syllables("\u1102\u1166.")
    '네.'
    """
    return _IN_PARTS.sub(lambda parts: unicodedata.normalize("NFC", parts[0]), dialogue)


def is_hidden(character: str) -> bool:
    """Tell whether nobody sees a character: a control character, or one without width."""
    return bool(_CONTROL.match(character) or _ZERO_WIDTH.match(character))


def is_written_code(text: str) -> bool:
    """Tell whether there is an HTML entity or `_x000D_`, which stand for another character.

    >>> is_written_code("R&amp;B를 듣는다."), is_written_code("R&B를 듣는다.")
    (True, False)
    """
    return text != decode_html_entities(decode_excel_escapes(text))


def drop_hidden(reference: str) -> str:
    r"""Take out of a reference what nobody sees; line ends stay as they are.

    >>> drop_hidden("\ufeff#Person1#이\x08 인사한다.\r\n")
    '#Person1#이 인사한다.\r\n'
    """
    return _HIDDEN.sub("", reference)


def drop_control_characters(dialogue: str) -> str:
    r"""Take out control characters but the tab and the line feed.

    >>> drop_control_characters("잘\x08 지내\x1d?")
    '잘 지내?'
    """
    return _CONTROL.sub("", dialogue)


def drop_zero_width(dialogue: str) -> str:
    r"""Take out characters that nobody can see: U+200B, U+FEFF, marks of direction and their like.

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
