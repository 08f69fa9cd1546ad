"""What messengers write in place of words, in Korean and English: media, deletions, notices.

A word that a person may have typed, such as `사진`, stands for a photo only where it is the whole
message, as messengers write it. A line as long as a speech is never a notice.
"""

import re
from collections.abc import Collection

MARKS = "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
"""Marks of direction, which nobody sees; WhatsApp begins its own lines with U+200E."""

_LONGEST = 300
_THING = (
    r"(?:사진|이미지|동영상|비디오|오디오|이모티콘|스티커|음성 ?메시지|파일|문서|지도"
    r"|위치(?: ?정보)?|연락처(?: 카드)?|선물|송금|gif|photos?|images?|videos?(?: notes?)?|audio"
    r"|emoticons?|stickers?"
    r"|voice (?:notes?|messages?)|documents?|files?|maps?|locations?|contacts?(?: cards?)?|gifts?)"
)
_CALL = r"(?:보이스톡|페이스톡|라이브톡|그룹콜|(?:voice|video|face|live) ?(?:call|talk))"
_MEDIA = re.compile(
    rf"[\[(<]?{_THING}[\])>]?"
    r"|(?:사진|동영상) ?\d+ ?[장개]|photos? \d+|\d+ photos?"
    r"|(?:파일|지도|연락처|음성 ?메시지|위치|file|map|contact|location|voice note) ?: [^\n]+"
    rf"|{_CALL}(?: ?(?:해요|취소|부재중|없음|종료|시작|거절|응답 ?없음|missed|canceled|ended)[.!]?"
    r"| ?\d{1,3}:\d{2}(?::\d{2})?)?"
    r"|☎[^\n]*|\[(?:앨범|노트|투표|이벤트|albums?|notes?|polls?|events?)\][^\n]*"
    r"|(?:샵검색|투표|poll) ?: [^\n]+"
    rf"|{_THING}(?:이|가|을|를)? ?(?:생략|제외)(?:됨|함|되었습니다|했습니다)\.?"
    rf"|{_THING} omitted|null",
    re.IGNORECASE,
)
# The first of several lines is the file, and the others are what was written below it.
_ATTACHED = re.compile(
    r"<[^<>\n]*(?:omitted|제외|생략|attached|첨부)[^<>\n]*>"
    r"|[^\s(][^(\n]*\((?:file attached|파일 첨부됨|첨부된 파일|파일이 첨부됨)\)",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"\s*(?:<(?:this message was edited|이 메시지[는가] (?:수정|편집)[^<>\n]{0,20})>"
    r"|\((?:edited|편집됨|수정됨)\))$",
    re.IGNORECASE,
)
_DELETED = re.compile(
    r"(?:삭제된 메시지입니다|(?:이 )?메시지[가는] 삭제(?:되었습니다|됨)"
    r"|(?:내가 |회원님이 )?메시지를 삭제(?:했습니다|하였습니다)|메시지가 가려졌습니다"
    r"|(?:채팅방 )?관리자가 (?:메시지를 (?:가렸습니다|삭제했습니다)|가린 메시지입니다)"
    r"|[^\n]*메시지 ?(?:보내기를|전송을|를) 취소(?:했습니다|하였습니다)"
    r"|(?:this|your) message (?:was|has been) (?:deleted|hidden|unsent|removed)[^\n]*"
    r"|you deleted this message|deleted message|[^\n]+ unsent a message)\.?",
    re.IGNORECASE,
)
_DONE = r"(?:했|하였|하셨)습니다\.?"
_NOTICE = re.compile(
    r".+(?:님|\))(?:이|은|께서)? ?(?:방을 )?(?:들어왔습니다|나갔습니다)\.?"
    rf"|.+(?:님이|님은|이\(가\)|이/가) .*(?:초대|참여|참가|입장|퇴장|탈퇴|추가|강퇴){_DONE}"
    r"|.+님(?:을|를) (?:내보냈|초대했)습니다\.?|.+ 내보내기했습니다\.?"
    r"|.*(?:부)?방장(?:이|으로|에서|봇이) .*(?:되었|변경했|해제했|가렸)습니다\.?"
    r"|운영정책을 위반한 메시지로 신고 접수 시.*|불법촬영물 ?등 식별 및 게재제한 조치.*"
    r"|타인, 기관 등의 사칭에 유의해 주세요\..*|.*종단간 암호화.*|.*end-to-end encrypted.*"
    r"|.+ (?:joined|left|to|from|in) (?:this|the) (?:group )?(?:chat ?room|chat|group|meeting)\.?"
    r"|(?:missed|canceled) (?:group )?(?:voice|video) call.*|부재중 (?:그룹 )?(?:음성|영상) 통화.*",
    re.IGNORECASE,
)
# Named as a message is: by Discord, Slack and Zoom.
_SYSTEM = re.compile(
    r"joined the server\.|pinned a message(?: to this channel)?\..*|started a call.*"
    r"|added .+ to the (?:group|channel)\.?|(?:joined|left) #[^\s]+\.?"
    r"|has (?:joined|left) .*channel\.?"
    r"|changed the channel (?:name|icon).*|set the channel (?:topic|description|purpose).*"
    r"|(?:reacted to|removed an? .+ reaction from) [\"“].*|.+ 채널에 참여(?:함|했습니다\.?)"
    r"|.*end-to-end encrypted.*|.*종단간 암호화.*"
    r"|(?:missed|canceled) (?:group )?(?:voice|video) call.*|부재중 (?:그룹 )?(?:음성|영상) 통화.*",
    re.IGNORECASE,
)
_BY_MEMBER = re.compile(r"(.+?) (?:has )?(?:invited .+|added .+|removed .+|joined|left)\.?")


def is_notice(line: str, names: Collection[str] = ()) -> bool:
    """Tell whether a messenger wrote a line that has nobody's name: somebody came or went.

    >>> is_notice("마루님이 들어왔습니다."), is_notice("12시 반에 예약할게")
    (True, False)
    """
    if len(line) > _LONGEST:
        return False
    by = _BY_MEMBER.fullmatch(line)
    return bool(_NOTICE.fullmatch(line) or (by and by[1] in names))


def is_system(name: str, text: str) -> bool:
    """Tell whether a messenger wrote a text in somebody's name.

    >>> is_system("마루", "마루님이 나갔습니다."), is_system("마루", "가람님이 나갔습니다.")
    (True, False)
    """
    if len(text) > _LONGEST or "\n" in text:
        return False
    own = text.startswith((f"{name}님", f"{name} ")) and is_notice(text, {name})
    return own or bool(_SYSTEM.fullmatch(text))


def is_deleted(text: str) -> bool:
    """Tell whether a message was taken back.

    >>> is_deleted("삭제된 메시지입니다."), is_deleted("This message was deleted")
    (True, True)
    """
    return len(text) <= _LONGEST and bool(_DELETED.fullmatch(text))


def part_media(text: str) -> str:
    r"""Return what is left of a message without its media.

    >>> part_media("사진"), part_media("<Media omitted>"), part_media("사진 잘 나왔다")
    ('', '', '사진 잘 나왔다')
    """
    first, _, rest = text.partition("\n")
    if len(first) > _LONGEST:
        return text
    if _ATTACHED.fullmatch(first):
        return rest.strip()
    return "" if not rest and _MEDIA.fullmatch(first) else text


def strip_edited(text: str) -> str:
    """Take off the mark of a message that was changed.

    >>> strip_edited("여섯 시야 <This message was edited>")
    '여섯 시야'
    """
    return text[:-60] + _EDITED.sub("", text[-60:])
