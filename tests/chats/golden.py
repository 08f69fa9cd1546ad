"""Invented chats in the form of each messenger, and what they are: who says what.

The forms are those of the messengers' own exports in 2024 to 2026; no line is anybody's.
"""

from typing import NamedTuple


class Golden(NamedTuple):
    """A text, and what it is to be read as."""

    text: str
    said: list[tuple[str, str]]
    left_out: dict[str, int]
    kind: str


MEDIA = "photos, files or other media"
DELETED = "deleted messages"
NOTICES = "joins, leaves or other notices"
RULES = "day rules"
HEADERS = "header lines"
EMPTY = "empty messages"
NNBSP = "\u202f"
LRM = "\u200e"

GOLDEN = {
    "KakaoTalk, computer, Korean": Golden(
        """\
산악회 (5) 님과 카카오톡 대화
저장한 날짜 : 2026-10-05 21:40:11

--------------- 2026년 10월 3일 토요일 ---------------
보라님이 솔님과 하늘님을 초대했습니다.
[보라] [오전 7:58] 등산로 입구에서 봐요
주소: 북쪽 주차장 2층
링크: https://map.example/7?t=08:10
[솔] [오전 8:01] 사진
[솔] [오전 8:02] 파일: 코스.pdf
[솔] [오전 8:02] 사진 3장
[하늘] [오전 8:03] 삭제된 메시지입니다.
[하늘] [오전 8:04] 사진 잘 나왔네요
하늘님이 나갔습니다.
--------------- 2026년 10월 4일 일요일 ---------------
[보라] [오후 12:00] 다리 괜찮아요?
""",
        [
            (
                "보라",
                "등산로 입구에서 봐요\n주소: 북쪽 주차장 2층\n링크: https://map.example/7?t=08:10",
            ),
            ("하늘", "사진 잘 나왔네요"),
            ("보라", "다리 괜찮아요?"),
        ],
        {HEADERS: 2, RULES: 2, NOTICES: 2, MEDIA: 3, DELETED: 1},
        "KakaoTalk's export of a computer",
    ),
    "KakaoTalk, computer, English": Golden(
        """\
KakaoTalk Chats with Sol
Date Saved : 2026-10-05 21:40:11

--------------- Saturday, October 3, 2026 ---------------
[Bora] [7:58 AM] Meet you at the gate
[Sol] [8:01 AM] Photo
[Sol] [12:02 PM] On my way
Haneul joined this chatroom.
Sol invited Haneul.
""",
        [("Bora", "Meet you at the gate"), ("Sol", "On my way")],
        {HEADERS: 2, RULES: 1, NOTICES: 2, MEDIA: 1},
        "KakaoTalk's export of a computer",
    ),
    "KakaoTalk, Android, Korean": Golden(
        """\
산악회 5 카카오톡 대화
저장한 날짜 : 2026년 10월 5일 오후 9:40

2026년 10월 3일 오전 7:58
2026년 10월 3일 오전 7:58, 보라 : 등산로 입구에서 봐요
일시
2026년 10월 4일
참고 : 물 챙기기

2026년 10월 3일 오전 8:01, 솔 : 동영상
2026년 10월 3일 오전 8:02, 하늘님이 들어왔습니다.
2026년 10월 3일 오전 8:03, 하늘 : 네 : )
""",
        [
            ("보라", "등산로 입구에서 봐요\n일시\n2026년 10월 4일\n참고 : 물 챙기기"),
            ("하늘", "네 : )"),
        ],
        {HEADERS: 2, RULES: 1, NOTICES: 1, MEDIA: 1},
        "KakaoTalk's export of a phone",
    ),
    "KakaoTalk, Android, English": Golden(
        """\
KakaoTalk Chats with Sol
Date Saved : Oct 5, 2026 at 21:40

October 3, 2026 at 7:58 AM
October 3, 2026 at 7:58 AM, Bora : Meet you at the gate
October 3, 2026 at 8:01 PM, Sol : OK
""",
        [("Bora", "Meet you at the gate"), ("Sol", "OK")],
        {HEADERS: 2, RULES: 1},
        "KakaoTalk's export of a phone",
    ),
    "KakaoTalk, iPhone, Korean": Golden(
        """\
솔 님과 카카오톡 대화
저장한 날짜 : 2026. 10. 5. 오후 9:40

2026년 10월 3일 토요일
2026. 10. 3. 오전 7:58, 보라 : 등산로 입구에서 봐요
2026. 10. 3. 오전 8:01, 솔 : 이모티콘
2026. 10. 3. 오전 8:02: 하늘님이 나갔습니다.

2026년 10월 4일 일요일
2026. 10. 4. 오후 12:10, 솔 : 다리 아파요
""",
        [("보라", "등산로 입구에서 봐요"), ("솔", "다리 아파요")],
        {HEADERS: 2, RULES: 2, NOTICES: 1, MEDIA: 1},
        "KakaoTalk's export of a phone",
    ),
    "KakaoTalk, iPhone, English": Golden(
        """\
KakaoTalk Chats with Sol
Date Saved : Oct 5, 2026 at 9:40 PM

Saturday, October 3, 2026
Oct 3, 2026 at 7:58 AM, Bora : Meet you at the gate
Oct 3, 2026 at 12:01 PM, Sol : OK
""",
        [("Bora", "Meet you at the gate"), ("Sol", "OK")],
        {HEADERS: 2, RULES: 1},
        "KakaoTalk's export of a phone",
    ),
    "KakaoTalk, Mac": Golden(
        'Date,User,Message\n2026-10-03 07:58:01,"보라","등산로 ""입구""에서,\n이따 봐요"\n'
        '2026-10-03 08:01:00,"솔","사진"\n2026-10-03 08:02:00,"하늘","하늘님이 들어왔습니다."\n'
        '2026-10-03 08:03:00,"하늘","네"\n',
        [("보라", '등산로 "입구"에서,\n이따 봐요'), ("하늘", "네")],
        {MEDIA: 1, NOTICES: 1},
        "KakaoTalk's export of a Mac",
    ),
    "LINE, phone, Korean": Golden(
        """\
[LINE] 솔님과의 대화
저장 시간: 2026/10/05 21:40

2026/10/03(토)
오전 7:58\t보라\t등산로 입구에서 봐요
오전 8:01\t솔\t[사진]
오전 8:02\t솔\t"네
10분 뒤에요"
오전 8:03\t하늘님이 그룹에 참여했습니다.
오전 8:05\t솔\t☎ 통화시간 1:23

2026/10/04(일)
오후 12:10\t솔\t다리 아파요
""",
        [("보라", "등산로 입구에서 봐요"), ("솔", "네\n10분 뒤에요"), ("솔", "다리 아파요")],
        {HEADERS: 2, RULES: 2, NOTICES: 1, MEDIA: 2},
        "LINE's export of a phone",
    ),
    "LINE, computer": Golden(
        """\
2026.10.03 토요일
07:58 보라 김 등산로 입구에서 봐요
07:59 보라 김 시간: 8시
08:01 솔 사진
08:02 솔 네
금방 가요
08:03 하늘님이 그룹에 참여했습니다.
2026.10.04 일요일
12:10 솔 다리 아파요
""",
        [
            ("보라 김", "등산로 입구에서 봐요"),
            ("보라 김", "시간: 8시"),
            ("솔", "네\n금방 가요"),
            ("솔", "다리 아파요"),
        ],
        {RULES: 2, NOTICES: 1, MEDIA: 1},
        "LINE's export of a computer",
    ),
    "LINE, English": Golden(
        "[LINE] Chat history with Sol\nSaved on: 2026/10/05 21:40\n\nSat, 10/03/2026\n"
        "7:58 AM\tBora\tMeet you at the gate\n8:01 AM\tSol\t[Sticker]\n8:02 AM\tSol\tOK\n",
        [("Bora", "Meet you at the gate"), ("Sol", "OK")],
        {HEADERS: 2, RULES: 1, MEDIA: 1},
        "LINE's export of a phone",
    ),
    "WhatsApp, Android, 12 hours": Golden(
        f"10/3/26, 7:58{NNBSP}AM - Messages and calls are end-to-end encrypted. Learn more.\n"
        f'10/3/26, 7:58{NNBSP}AM - Bora created group "Hike: North"\n'
        f"10/3/26, 7:58{NNBSP}AM - Bora: Meet you at the gate\nPlace: north\n"
        f"10/3/26, 8:01{NNBSP}AM - Sol: <Media omitted>\n"
        f"10/3/26, 8:02{NNBSP}AM - Sol: {LRM}IMG-20261003-WA0001.jpg (file attached)\nThe view\n"
        f"10/3/26, 8:03{NNBSP}AM - Sol: This message was deleted\n"
        f"10/3/26, 8:04{NNBSP}PM - +82 10-0000-0000: OK <This message was edited>\n",
        [
            ("Bora", "Meet you at the gate\nPlace: north"),
            ("Sol", "The view"),
            ("+82 10-0000-0000", "OK"),
        ],
        {NOTICES: 2, MEDIA: 2, DELETED: 1},
        "WhatsApp's export of an Android phone",
    ),
    "WhatsApp, Android, Korean": Golden(
        "2026. 10. 3. 오전 7:58 - 메시지와 통화는 종단간 암호화됩니다. 이 대화방에 참여한 사람만\n"
        "2026. 10. 3. 오전 7:58 - 보라: 등산로 입구에서 봐요\n"
        "2026. 10. 3. 오전 8:01 - 솔: <미디어 파일을 제외했습니다>\n"
        "2026. 10. 3. 오후 8:02 - 솔: 네\n2026. 10. 3. 오후 8:03 - 하늘님이 나갔습니다\n",
        [("보라", "등산로 입구에서 봐요"), ("솔", "네")],
        {NOTICES: 2, MEDIA: 1},
        "WhatsApp's export of an Android phone",
    ),
    "WhatsApp, iPhone, 24 hours": Golden(
        f"[03.10.26, 07:58:11] Hike: {LRM}Messages and calls are end-to-end encrypted.\n"
        f"[03.10.26, 07:58:20] Hike: {LRM}Bora created this group\n"
        f"[03.10.26, 07:58:40] Bora: Meet you at the gate\n"
        f"{LRM}[03.10.26, 08:01:00] ~{NNBSP}Sol: {LRM}image omitted\n"
        f"{LRM}[03.10.26, 08:02:00] ~{NNBSP}Sol: {LRM}<attached: 00000012-PHOTO.jpg>\n"
        f"[13.10.26, 08:03:00] ~{NNBSP}Sol: OK\n",
        [("Bora", "Meet you at the gate"), ("Sol", "OK")],
        {NOTICES: 2, MEDIA: 2},
        "WhatsApp's export of an iPhone",
    ),
    "WhatsApp, iPhone, Korean": Golden(
        f"[2026. 10. 3. 오전 7:58:11] 보라: 입구에서 봐요\n{LRM}[2026. 10. 3. 오후 8:01:00] 솔: "
        f"{LRM}이미지 생략됨\n[2026. 10. 3. 오후 8:03:00] 솔: 네\n",
        [("보라", "입구에서 봐요"), ("솔", "네")],
        {MEDIA: 1},
        "WhatsApp's export of an iPhone",
    ),
    "Slack, pasted": Golden(
        """\
Bora Kim  7:58 AM
배포는 몇 시에 해요?
Sol
  8:01 AM
열 시요
8:02
점검: 두 시
3 replies
Today
Haneul Lee  12:10 PM
네
""",
        [
            ("Bora Kim", "배포는 몇 시에 해요?"),
            ("Sol", "열 시요"),
            ("Sol", "점검: 두 시"),
            ("Haneul Lee", "네"),
        ],
        {NOTICES: 1, RULES: 1},
        "a chat pasted from Slack",
    ),
    "Slack, pasted, Korean": Golden(
        "보라  오전 7:58\n배포는 몇 시에 해요?\n솔  오후 12:10\n열 시요\n내일 3:30\n",
        [("보라", "배포는 몇 시에 해요?"), ("솔", "열 시요\n내일 3:30")],
        {},
        "a chat pasted from Slack",
    ),
    "Slack, export": Golden(
        """\
[{"type": "message", "subtype": "channel_join", "user": "U2", "text": "<@U2> has joined",
"ts": "1790000000.000100"},
{"type": "message", "user": "U1", "text": "<@U2> 배포 &amp; 점검은 <https://a.example|여기>",
"ts": "1790000060.000100", "user_profile": {"real_name": "보라 김", "display_name": "보라"}},
{"type": "message", "user": "U2", "text": "네", "ts": "1790000120.000100",
"user_profile": {"real_name": "솔", "display_name": ""}},
{"type": "message", "user": "U2", "text": "", "files": [{"id": "F1"}], "ts": "1790000130.000100"}]
""",
        [("보라", "@솔 배포 & 점검은 여기"), ("솔", "네")],
        {NOTICES: 1, MEDIA: 1},
        "Slack's export",
    ),
    "Discord, exported": Golden(
        """\
==============================================================
Guild: 등산
Channel: 잡담
Topic: 아무 말: 환영
==============================================================

[10/03/2026 7:58 AM] bora
입구에서 봐요
주소: 북쪽

[10/03/2026 8:01 AM] sol (pinned)
{Attachments}
https://cdn.example/a.png

[10/03/2026 8:02 AM] sol
[광고] 네

{Reactions}
👍 (2)

[10/03/2026 8:03 AM] haneul
Joined the server.

==============================================================
Exported 4 message(s)
==============================================================
""",
        [("bora", "입구에서 봐요\n주소: 북쪽"), ("sol", "[광고] 네")],
        {HEADERS: 8, MEDIA: 1, NOTICES: 2, EMPTY: 1},
        "DiscordChatExporter's text",
    ),
    "Discord, pasted": Golden(
        "보라 — 오늘 오전 7:58\n입구에서 봐요\n\nsol.kim — Today at 8:01 AM\n네\n시간: 8시\n"
        "하늘\n — \n어제 오후 3:14\n저도요\nlee — 10/03/2026 8:05 PM\nok\n",
        [
            ("보라", "입구에서 봐요"),
            ("sol.kim", "네\n시간: 8시"),
            ("하늘", "저도요"),
            ("lee", "ok"),
        ],
        {},
        "a chat pasted from Discord",
    ),
    "Clova Note": Golden(
        """\
주간 회의
2026.10.03 토 오전 7:58 ・ 12분 34초
보라, 참석자 2

보라 00:03
안건: 예산입니다.
내일 3:30

참석자 2 01:02:10
네, 시작하시죠.
""",
        [("보라", "안건: 예산입니다.\n내일 3:30"), ("참석자 2", "네, 시작하시죠.")],
        {HEADERS: 3},
        "a transcript with times",
    ),
    "Zoom, chat": Golden(
        "07:58:03 From 보라 김 to Everyone: 소리 들려요?\n"
        "07:58:10\t From Sol : 네\n"
        "07:59:00 From 하늘 To Everyone:\n\t자료: 보냈어요\n"
        '07:59:30 From Sol to Everyone:\n\tReacted to "자료: 보냈어요" with 👍\n',
        [("보라 김", "소리 들려요?"), ("Sol", "네"), ("하늘", "자료: 보냈어요")],
        {NOTICES: 1},
        "Zoom's chat",
    ),
    "WebVTT, voices": Golden(
        "WEBVTT\n\nNOTE 만든 날: 오늘\n\nSTYLE\n::cue { color: red }\n\n"
        "c1\n00:03.000 --> 00:05.000 align:start\n<v 보라>시작할게요.</v>\n\n"
        "c2\n00:05.000 --> 00:06.000\n<v 보라>안건은 <i>하나</i>예요 &amp; 끝.</v>\n\n"
        "c3\n00:06.000 --> 00:08.000\n<v.loud 솔>네.</v>\n그래요.\n",
        [("보라", "시작할게요.\n안건은 하나예요 & 끝."), ("솔", "네.\n그래요.")],
        {},
        "subtitles",
    ),
    "SRT": Golden(
        "1\n00:00:03,000 --> 00:00:05,000\n보라: 시작할게요.\n\n"
        "2\n00:00:05,000 --> 00:00:06,000\n안건은 하나예요.\n\n"
        "3\n00:00:06,000 --> 00:00:08,000\n- 솔: 네.\n- 보라: 끝.\n",
        [("보라", "시작할게요.\n안건은 하나예요."), ("솔", "네."), ("보라", "끝.")],
        {},
        "subtitles",
    ),
    "Google Meet, chat": Golden(
        "00:12:03.123,00:12:06.123\n보라 김: 들려요?\n\n00:12:09.000,00:12:12.000\n솔: 네\n",
        [("보라 김", "들려요?"), ("솔", "네")],
        {},
        "subtitles",
    ),
    "Google Meet, transcript": Golden(
        "주간 회의\nAttendees\n보라 김, 솔\nTranscript\n00:00:00\n\n보라 김: 들려요?\n"
        "솔: 네\n\n00:05:00\n\n"
        "보라 김: 장소: 2층\n",
        [("보라 김", "들려요?"), ("솔", "네"), ("보라 김", "장소: 2층")],
        {HEADERS: 4, RULES: 2},
        "a chat without times",
    ),
    "times before the names": Golden(
        "[10:30] 보라: 봐요\n[10:31] 솔: 네\n장소: 입구\n10:32 하늘: 저도\n(10:33) 솔 ： 그래\n",
        [("보라", "봐요"), ("솔", "네\n장소: 입구"), ("하늘", "저도"), ("솔", "그래")],
        {},
        "a chat with times before the names",
    ),
    "times behind the names": Golden(
        "보라 (오전 10:30): 봐요\n솔 [00:03]: 네\n주소: 북쪽\n",
        [("보라", "봐요"), ("솔", "네\n주소: 북쪽")],
        {},
        "a chat with times behind the names",
    ),
    "Markdown": Golden(
        "**보라:** 준비물은\n- 물: 2병\n- 솔: 네\n**솔**: 그리고 **빵**\n> 보라: 끝\n",
        [("보라", "준비물은\n- 물: 2병"), ("솔", "네"), ("솔", "그리고 **빵**"), ("보라", "끝")],
        {},
        "a chat without times",
    ),
    "plain": Golden(
        "3호선: 나도 갈게\n🌻꽃집: 네\n(총무) 솔: 회비 3:30에 걷어요\n장소: 입구\nP01：응\n"
        "나래/기획 2팀/010-0000-0000 가나다라: 그래요\n"
        "제 생각에 우리가 지금 할 일은 하나입니다: 자는 것\n",
        [
            ("3호선", "나도 갈게"),
            ("🌻꽃집", "네"),
            ("(총무) 솔", "회비 3:30에 걷어요\n장소: 입구"),
            ("P01", "응"),
            (
                "나래/기획 2팀/010-0000-0000 가나다라",
                "그래요\n제 생각에 우리가 지금 할 일은 하나입니다: 자는 것",
            ),
        ],
        {},
        "a chat without times",
    ),
}
