import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.dialogue import placeholders
from stages.dialogue.placeholders import is_no_summary

# What pandas, Excel, JavaScript, sample files and hurried people leave where a summary should be.
NONE = [
    *("", " ", "\n", "\xa0", "\u3164", "\ufeff", "nan", "NaN", "NAN", " nan ", "-nan", "None"),
    *("null", "NULL", "Nil", "NA", "n/a", "N/A", "N.A.", "#N/A", "#N/A N/A", "<NA>", "NaT"),
    *("undefined", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "-", "--", "—", "——", ".", "...", "?"),
    *("[]", "{}", "()", "['']", '[""]', "[None]", "[nan]", '""', "요약문입니다.", "요약문", "없음"),
    *("요약 없음", "TODO", "#Person1#", "#Person1#:", "#Person1# #Person2#", "#Person1#."),
]
SUMMARIES = [
    *("네.", "간다", "#Person1#이 인사한다.", "요약문입니다만 짧습니다.", "None of them goes."),
    *(
        "나는 없음을 안다.",
        "-5도라고 한다.",
        "[속보] 눈이 온다.",
        "N/A라고 답한다.",
        "3",
        "Nan은 웃는다.",
    ),
]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_summary(text: str) -> None:
    assert is_no_summary(text)


@pytest.mark.parametrize("text", SUMMARIES)
def test_what_is_one(text: str) -> None:
    assert not is_no_summary(text)


@given(st.sampled_from([t for t in NONE if t != "-nan"]), st.sampled_from(["'", '"', " ", "\n"]))
def test_quotes_and_blanks_around_it_make_no_summary_of_it(text: str, around: str) -> None:
    assert is_no_summary(around + text + around)


def test_the_examples_in_the_docstring_hold() -> None:
    assert doctest.testmod(placeholders).failed == 0
