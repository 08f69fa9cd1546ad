import pytest

from stages.scoring.numerals import readings

# As the National Institute of Korean Language teaches the two systems of numerals.
GOLDEN = [
    (0, {"영"}),
    (1, {"일", "하나", "한"}),
    (4, {"사", "넷", "네"}),
    (10, {"십", "열"}),
    (20, {"이십", "스물", "스무"}),
    (21, {"이십일", "스물하나", "스물한"}),
    (30, {"삼십", "서른", "반"}),
    (99, {"구십구", "아흔아홉"}),
    (100, {"백"}),
    (308, {"삼백팔"}),
    (1000, {"천"}),
    (3000, {"삼천"}),
    (10_000, {"만"}),
    (15_000, {"만오천"}),
    (110_000, {"십일만"}),
    (100_000_000, {"일억"}),
    (2_000_030_000, {"이십억삼만"}),
]


@pytest.mark.parametrize(("number", "said"), GOLDEN)
def test_readings(number, said):
    assert readings(number) == said
