import pytest

from stages.charts.vega import english
from stages.dialogue.repair.ledger import RULE_NAMES
from stages.dialogue.repair.rules import RULES
from stages.page.bars import Scale, scale_around
from stages.page.sections import label, meaning, rules, slice_label, value_label, verdict, visible
from stages.page.texts import saying
from stages.scoring.errors import ERRORS
from stages.scoring.floors import FLOORS


def test_names_become_words() -> None:
    assert label("first_two_turns") == "First two turns"
    assert slice_label("source_length") == "Source length, characters"
    assert [value_label(v, english) for v in ("6-10", "21-", "work", "self-care", "-")] == [
        *("6–10", "21 and more", "work", "self-care", "-"),
    ]


@pytest.mark.parametrize("function", [*RULES, *ERRORS.values(), *FLOORS.values()])
def test_whatever_the_page_explains_has_a_sentence_of_its_own(function: object) -> None:
    sentence = meaning(function)  # type: ignore[arg-type]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert not sentence.startswith(("Tell", "Return"))


def test_what_nobody_sees_is_shown() -> None:
    assert visible("네.\u200b\x08 \n 예.\r") == "네.\\u200b\\x08·\n·예.\\r"
    assert visible("가나다", most=2) == "가나…"


def test_scores_have_places_on_a_scale() -> None:
    scale = scale_around([23.1, 48.0])
    assert scale == (20, 50)
    assert scale.place(35) == "50.00%"
    assert scale.width(20, 26) == "20.00%"
    assert Scale(20, 50).place(10) == "0.00%"  # never outside
    assert scale_around([40.0]) == (40, 45)
    assert scale_around([40.0], from_zero=True) == (0, 40)
    assert scale_around([0.0], from_zero=True) == (0, 5)


def test_whatever_a_ledger_may_name_is_explained() -> None:
    listed = rules({"train": {"rules": dict.fromkeys(RULE_NAMES, 0)}}, {})
    assert [rule.name for rule in listed if not rule.meaning.endswith(".")] == []


def test_one_seed_is_no_evidence_of_others() -> None:
    apart = {"difference": 2.5, "low": 1.0, "high": 4.0, "p": 0.002}
    best = {"score": 43.0, "difference": apart, "better": True, "noise": None}
    best |= {"present": {"score": 40.5, "scores": [40.5]}, "scores": [43.0]}
    assert "On one seed, which says nothing of others" in verdict(best, english)
    two = {"score": 40.5, "scores": [40.2, 40.8]}
    told = verdict(best | {"scores": [42.5, 43.5], "present": two, "noise": 1.9}, saying("ko"))
    assert "시드 2개씩의 평균" in told
    assert told.endswith("1.90점까지 움직입니다.")


def test_who_dropped_out_of_the_race_is_told_with_its_seeds() -> None:
    apart = {"difference": 2.5, "low": 1.0, "high": 4.0, "p": 0.002}
    best = {"score": 43.0, "difference": apart, "better": True, "noise": 1.9}
    best |= {"present": {"score": 40.5, "scores": [40, 41]}, "scores": [43.0, 42.8, 43.2]}
    assert "Over 3 seeds, against the params before the search over 2." in verdict(best, english)
