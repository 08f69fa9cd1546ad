"""What stands where a summary should, and is none: one list for `clean`, `score` and `validate`."""

import re

_TAG = re.compile(r"#\w+#:?")
_NO_WORD = re.compile(r"[\W_\u115f\u1160\u3164\uffa0]*")  # the four are Hangul's fillers, and blank
_AROUND = re.compile(r"\A[^\w#/-]+|[^\w/]+\Z")
_MISSING = {"", "nan", "-nan", "none", "null", "na", "n/a", "#n/a", "#n/a n/a", "<na>", "#na"}
_NOTHING = {
    *_MISSING,
    *("nil", "n.a", "nat", "undefined", "pd.na"),
    *("#value", "#ref", "#name", "#null", "#num", "#div/0", "#error"),
    *("요약문입니다", "요약입니다", "요약문", "요약", "요약 없음", "요약문 없음", "없음", "빈칸"),
    *("summary", "no summary", "todo", "tbd"),
}
"""Without what stands around it, in small letters: tables, Excel's errors, and sample files."""


def is_read_as_missing(text: str) -> bool:
    """Tell whether pandas takes a cell for an empty one.

    >>> is_read_as_missing(" NaN"), is_read_as_missing("요약문입니다.")
    (True, False)
    """
    return text.strip().lower() in _MISSING


def is_no_summary(text: str) -> bool:
    """Tell whether a cell is empty, says that it is, or has a speaker's tag and nothing more.

    >>> [is_no_summary(text) for text in (" ", "NaN", "['']", "요약문입니다.", "#Person1#:")]
    [True, True, True, True, True]
    >>> is_no_summary("네."), is_no_summary("#Person1#이 인사한다.")
    (False, False)
    """
    words = _TAG.sub("", text)
    return bool(_NO_WORD.fullmatch(words)) or _AROUND.sub("", words).lower() in _NOTHING
