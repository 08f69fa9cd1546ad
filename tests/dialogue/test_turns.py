from hypothesis import given
from hypothesis import strategies as st

from stages.dialogue.repair.rules import repair
from stages.dialogue.turns import Turn, split_turns


def test_a_line_is_a_turn() -> None:
    assert split_turns("#Person1#: 몇 시야?\n#Person2#: 오후 3:00 #Person1#.") == [
        Turn("#Person1#", "몇 시야?"),
        Turn("#Person2#", "오후 3:00 #Person1#."),
    ]


def test_a_turn_may_be_without_words() -> None:
    assert split_turns("#Person3#:") == [Turn("#Person3#", "")]


def test_words_above_the_first_tag_have_no_speaker() -> None:
    assert split_turns("전화벨이 울린다.\n#Person1#: 여보세요?") == [
        Turn("", "전화벨이 울린다."),
        Turn("#Person1#", "여보세요?"),
    ]


PARTS = ["#Person1#: ", "#Person2#:", "#PersonN#: ", "\n", " ", "네.", "<br>", "#Person1#", "#"]


@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_the_turns_of_a_repaired_dialogue_are_all_of_it(dialogue: str) -> None:
    repaired = repair(dialogue)
    assert "\n".join(map(str, split_turns(repaired))) == repaired
