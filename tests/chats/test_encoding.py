import pytest

from stages.chats.encoding import decode_text
from stages.command.errors import UserError

TEXT = "[가람] [오전 11:58] 점심 뭐 먹어?\n[나래] [오후 12:00] 똠얌 어때, 뷁!"


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "chat.txt is UTF-16, not UTF-8, and read so"),
        ("cp949", "chat.txt: byte 0xb0 in line 1 is not UTF-8; it reads as CP949, and is read so"),
    ],
)
def test_a_file_of_korean_windows_is_read_and_its_encoding_told(encoding: str, told: str) -> None:
    assert decode_text(TEXT.encode(encoding), place="chat.txt") == (TEXT, told)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n", r"chat.txt is not UTF-8 text \(byte 1\): it is a picture"),
        (b"PK\x03\x04..", "a ZIP file or an Office document; unpack it"),
        ("naïve café: déjà".encode("latin-1"), r"is not UTF-8 text \(byte 3\); save it as UTF-8"),
        ("가람: 네".encode()[:-1], "is not UTF-8 text"),
        (b"\xff\xfea", "begins as UTF-16 and is not"),
        ("가: 나".encode("utf-16-le"), "."),
        (b"a\0: b", "has NUL bytes, so it is no text"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        decode_text(content, place="chat.txt")
