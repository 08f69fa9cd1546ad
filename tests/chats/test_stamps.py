import pytest

from stages.chats.stamps import date_of, day_first, moments, seconds_of


@pytest.mark.parametrize(
    ("clock", "seconds"),
    [
        ("오전 12:05", 300),
        ("오후 12:05", 12 * 3600 + 300),
        ("3:14\u202fPM", 15 * 3600 + 840),
        ("3:14 p.m.", 15 * 3600 + 840),
        ("PM 3:14", 15 * 3600 + 840),
        ("15:14:03", 15 * 3600 + 843),
        ("0:01:13", 73),
    ],
)
def test_a_time_is_seconds(clock: str, seconds: int) -> None:
    assert seconds_of(clock) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "2026년 10월 3일 토요일", "2026. 10. 3.", "2026.10.03 토요일", "2026/10/03(토)",
        "2026-10-03",
        "10/3/26", "10/03/2026", "October 3, 2026", "Saturday, October 3, 2026", "Oct 3, 2026",
        "3 October 2026", "03-Oct-26", "Sat, 10/03/2026",
    ],
)  # fmt: skip
def test_a_date_is_a_day(written: str) -> None:
    day = date_of(written, day_first=False)
    assert day is not None
    assert day.isoformat() == "2026-10-03"


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["3/10/26", "13/10/26"], True),
        (["10/3/26", "10/13/26"], False),
        (["03.10.26"], True),
        (["1/10/26", "2/10/26", "1/11/26"], True),
        (["1/10/26", "2/10/26"], False),
        (["10월 3일"], False),
    ],
)
def test_whether_the_day_is_first_is_told_by_all_dates(dates: list[str], first: bool) -> None:
    assert day_first(dates) == first


def test_days_go_on_where_times_go_back() -> None:
    found = moments([("", "오후 11:58"), ("", ""), ("", "오전 0:03"), ("", "0:04")])
    assert [when and when.isoformat() for when in found] == [
        "0001-01-01T23:58:00", None, "0001-01-02T00:03:00", "0001-01-02T00:04:00",
    ]  # fmt: skip


def test_a_day_that_there_is_not_is_the_day_before_it() -> None:
    assert date_of("2026년 2월 30일", day_first=False) is None
    found = moments([("2026년 2월 28일", "3:00"), ("2026년 2월 30일", "999:59")])
    assert [when and when.date().isoformat() for when in found] == ["2026-02-28", "2026-02-28"]
