"""Bytes of a file → text: UTF-8, UTF-16 with its mark, and CP949, which Korean Windows writes."""

from collections import Counter

from stages.command.errors import UserError

LONGEST = 1_000_000
"""Bytes of dialogues to summarize; one of the competition has at most 2,650 characters."""

_SIGNATURES = {
    b"PK\x03\x04": "a ZIP file or an Office document; unpack it, or save it as text",
    b"\xd0\xcf\x11\xe0": "an old Office document; save it as text",
    b"%PDF": "a PDF; save it as text",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_COMMON, _KS_X_1001 = range(0xB0, 0xC9), 0xA1
"""First bytes, and the least second one, of the 2,350 syllables of which Korean is made."""


def check_size(content: bytes, *, place: str) -> bytes:
    """Return `content`, or raise `UserError` where it is too long for a model that waits."""
    if len(content) > LONGEST:
        fault = f"has more than {LONGEST:,} bytes; give fewer dialogues at a time"
        raise UserError(f"{place} {fault} (python -m stages.convert parts a chat into its days)")
    return content


def decode_text(content: bytes, *, place: str) -> tuple[str, str]:
    """Return the text of `content`, and a sentence on its encoding, empty where it is UTF-8.

    `place` is what the message calls it: a file's name, or `standard input`. Raises `UserError`
    where it is no text.
    """
    for signature, name in _SIGNATURES.items():
        if content.startswith(signature):
            raise UserError(f"{place} is not UTF-8 text (byte 1): it is {name}")
    if content.startswith(_UTF16):
        text, told = _decode_utf16(content, place), f"{place} is UTF-16, not UTF-8, and read so"
    else:
        text, told = _decode_8_bit(content, place)
    if "\0" in text:
        raise UserError(f"{place} has NUL bytes, so it is no text; save it as UTF-8 text")
    return text, told


def _decode_utf16(content: bytes, place: str) -> str:
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError as error:
        fault = f"begins as UTF-16 and is not (byte {error.start + 1}); save it as UTF-8"
        raise UserError(f"{place} {fault}") from None


def _decode_8_bit(content: bytes, place: str) -> tuple[str, str]:
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        at, byte = error.start, content[error.start]
    if b"\0" not in content and _is_korean(content):
        line = content.count(b"\n", 0, at) + 1
        told = f"byte 0x{byte:02x} in line {line} is not UTF-8; it reads as CP949, and is read so"
        return content.decode("cp949"), f"{place}: {told}"
    raise UserError(f"{place} is not UTF-8 text (byte {at + 1}); save it as UTF-8")


def _is_korean(content: bytes) -> bool:
    """Tell whether bytes are CP949: they can be, and most of what is not ASCII is common Hangul."""
    try:
        text = content.decode("cp949")
    except UnicodeDecodeError:
        return False
    counts = Counter(one for one in text if not one.isascii())
    common = sum(
        count
        for one, count in counts.items()
        if (code := one.encode("cp949"))[0] in _COMMON and code[1] >= _KS_X_1001
    )
    return 2 * common >= counts.total()
