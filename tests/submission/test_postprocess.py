import doctest
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.dialogue import josa, names
from stages.dialogue.josa import final_consonant, join_josa, with_josa
from stages.params import Predict, load_params
from stages.scoring.floors import CONSTANT
from stages.submission import faults, form, postprocess
from stages.submission.postprocess import RULES, named_rules

DEFAULT = [
    "drop_special_tokens",
    "drop_control_characters",
    "drop_zero_width",
    "collapse_blanks",
    "join_josa",
    "cut_unfinished_sentence",
    "fill_empty",
]
DEFAULT_RULES = named_rules(DEFAULT, "ko")

# What generated summaries looked like on the leaderboard, and what a reader would have handed in;
# the second column is with the default rules, for a summary that the model has ended itself.
GOLDEN = [
    ("#Person1# 은 예약한다.", "#Person1#은 예약한다."),
    ("#Person1# 과 #Person2# 는 점심을 먹는다.", "#Person1#과 #Person2#는 점심을 먹는다."),
    ("#Person2# 에게서는 소식이 없다.", "#Person2#에게서는 소식이 없다."),
    ("#PhoneNumber# 로 전화한다.", "#PhoneNumber#로 전화한다."),
    ("#Person1# 와의 약속", "#Person1#와의 약속"),
    ("#Person2#  의 집", "#Person2#의 집"),
    # words that are no josa
    ("#Person1# 또한 간다.", "#Person1# 또한 간다."),
    ("#Person1# 가게에 간다.", "#Person1# 가게에 간다."),
    ("#Person1# 이유를 묻는다.", "#Person1# 이유를 묻는다."),
    ("#Person1# 만 원을 낸다.", "#Person1# 만 원을 낸다."),
    ("#Person1# 도시로 간다.", "#Person1# 도시로 간다."),
    ("#Person1# 바로 간다.", "#Person1# 바로 간다."),
    # tokens that are no text
    ("<unused68>#Person1#은 간다.</s>", "#Person1#은 간다."),
    ("#Person1#은㗡 간다.<pad><pad>", "#Person1#은 간다."),
    ("[CLS] #Person1#은 간다.<eos><extra_id_0>", "#Person1#은 간다."),
    ("#Person1#은 간다.<|im_end|>", "#Person1#은 간다."),
    ("#Person1#은 \u200b간다.", "#Person1#은 간다."),
    ("#Person1#은 \ufffd간다.\x08", "#Person1#은 간다."),
    # one line, single blanks
    (" #Person1#은\n간다.  #Person2#도 간다. ", "#Person1#은 간다. #Person2#도 간다."),
    # nothing at all
    ("", CONSTANT["ko"]),
    (" . ", CONSTANT["ko"]),
    # to be left alone
    ("5% 할인, R&B, $308, #키, a < b > c.", "5% 할인, R&B, $308, #키, a < b > c."),
    ("#Person1#은 병원에 감", "#Person1#은 병원에 감"),
]


@pytest.mark.parametrize(("summary", "repaired"), GOLDEN)
def test_a_summary_is_repaired_by_the_default_rules(summary: str, repaired: str) -> None:
    assert postprocess.postprocess(summary, DEFAULT_RULES, at_cap=False) == repaired


@pytest.mark.parametrize(
    ("summary", "cut"),
    [
        ("#Person1#은 간다. #Person2#는 남", "#Person1#은 간다."),
        ("#Person1#은 간다. #Pers", "#Person1#은 간다."),
        ('그는 "간다." 하고 말한다. 그', '그는 "간다." 하고 말한다.'),
        ("#Person1#은 Mr. Kim과 3.5점을", "#Person1#은 Mr. Kim과 3.5점을"),
        ("#Person1#은 간다. #Person2#도 간다.", "#Person1#은 간다. #Person2#도 간다."),
        ("#Person1# asks for help. #Person2# calls Mr. Kim and", "#Person1# asks for help."),
    ],
)
def test_a_summary_at_the_cap_ends_with_its_last_finished_sentence(summary: str, cut: str) -> None:
    assert postprocess.postprocess(summary, DEFAULT_RULES, at_cap=True) == cut
    assert postprocess.postprocess(summary, DEFAULT_RULES, at_cap=False) == summary


def test_what_is_empty_is_filled_with_a_sentence_of_the_language() -> None:
    rules = named_rules(["fill_empty"], "en")
    filled = postprocess.postprocess("", rules, at_cap=False)
    assert filled == "#Person1# and #Person2# are talking."


def test_rules_that_are_not_named_do_not_run() -> None:
    assert postprocess.postprocess(" <s>#Person1# 은", [], at_cap=True) == " <s>#Person1# 은"
    assert postprocess.postprocess(" <s>#Person1# 은", [join_josa], at_cap=True) == (
        " <s>#Person1#은"
    )


def test_params_know_every_rule_and_switch_all_of_them_on() -> None:
    (literal,) = typing.get_args(Predict.model_fields["rules"].annotation)
    assert list(typing.get_args(literal)) == list(RULES)
    assert load_params().predict.rules == DEFAULT


PIECES = [*"가은는이 .\n<>#s/", "#Person1#", "</s>", "다. ", "만 원"]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join)


@given(TEXTS, st.booleans())
def test_repairing_twice_changes_nothing_more(summary: str, at_cap: bool) -> None:
    once = postprocess.postprocess(summary, DEFAULT_RULES, at_cap=at_cap)
    assert postprocess.postprocess(once, DEFAULT_RULES, at_cap=at_cap) == once
    assert once == " ".join(once.split())
    assert once


@given(TEXTS)
def test_joining_josa_takes_nothing_but_blanks(summary: str) -> None:
    assert "".join(join_josa(summary).split()) == "".join(summary.split())


@pytest.mark.parametrize(
    ("word", "rest", "joined"),
    [
        ("민수", "은 웃는다", "민수는 웃는다"),
        ("지영", "는 웃는다", "지영은 웃는다"),
        ("지영", "가 웃는다", "지영이 웃는다"),
        ("민수", "이 웃는다", "민수가 웃는다"),
        ("민수", "을 본다", "민수를 본다"),
        ("지영", "와의 약속", "지영과의 약속"),
        ("서울", "으로 간다", "서울로 간다"),
        ("지영", "로부터 온", "지영으로부터 온"),
        ("민수", "이라고 한다", "민수라고 한다"),
        ("지영", "랑 간다", "지영이랑 간다"),
        ("나", "이 간다", "내가 간다"),
        ("직원 1", "는 간다", "직원 1은 간다"),
        ("Tom", "는 간다", "Tom은 간다"),
        ("Mary", "은 간다", "Mary는 간다"),
        ("민수", "에게 준다", "민수에게 준다"),
        ("민수", "이유", "민수이유"),
        ("지영", "", "지영"),
    ],
)
def test_a_josa_takes_the_form_that_a_name_asks_for(word: str, rest: str, joined: str) -> None:
    assert with_josa(word, rest) == joined


def test_a_word_without_a_sound_ends_like_a_vowel() -> None:
    assert final_consonant("?!") == final_consonant("") == 0


@pytest.mark.parametrize("module", [faults, form, josa, names, postprocess])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert tried > 0
    assert failed == 0
