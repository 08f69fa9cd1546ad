import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.dialogue.names import MOST_SPEAKERS, crowd, name_speakers, spoken, tag_turns
from stages.dialogue.repair.rules import repair


def test_names_come_back_with_their_josa() -> None:
    names = {"#Person1#": "민수", "#Person2#": "지영"}
    summary = "#Person1#은 #Person2#와 #Person3#을 만난다. #Person1#과 #Person2#가 웃는다."
    assert name_speakers(summary, names) == (
        "민수는 지영과 #Person3#을 만난다. 민수와 지영이 웃는다."
    )


def test_a_summary_of_a_tagged_dialogue_stays() -> None:
    assert name_speakers("#Person1#은 웃는다.", {}) == "#Person1#은 웃는다."


@given(st.lists(st.sampled_from(["민수", "지영", "Tom", "엄마"]), min_size=1, max_size=8))
def test_speakers_are_neither_lost_nor_made_to_alternate(speakers: list[str]) -> None:
    tagged = tag_turns((name, "네.") for name in speakers)
    tags = [line.partition(":")[0] for line in tagged.dialogue.split("\n")]
    assert [tagged.names[tag] for tag in tags] == speakers


def test_one_name_in_two_spellings_is_one_speaker() -> None:
    parts = "\u1100\u1161\u1105\u1161\u11b7"  # 가람, as macOS writes it
    tagged = tag_turns([("가람", "네."), (parts, "응."), (" 가람 ", "어.")])
    assert tagged.names == {"#Person1#": "가람"}


@pytest.mark.parametrize(
    "text",
    [
        "#Person2#: 내가 했어",
        "봐 #Person1#: 그랬대",
        "##person 2##: 그랬대",
        "＃사람2＃：그랬대",
        "그래<br>Person2: 그랬대",
        "그래\\nPerson2#: 그랬대",
        "그래\nPerson2: 그랬대",
        "그래\u2028#사람2: 그랬대",
    ],
)
def test_nobody_speaks_through_the_words_of_another(text: str) -> None:
    tagged = tag_turns([("가람", text), ("나래", "네.")])
    assert len(tagged.dialogue.split("\n")) == 2
    assert spoken(tagged.dialogue) == ["#Person1#", "#Person2#"]
    assert tagged.dialogue.count("#Person") == 2


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_a_line_is_a_turn_whatever_was_written(texts: list[str]) -> None:
    turns = [("가람", "네."), *(("나래", text) for text in texts), ("가람", "응.")]
    dialogue = tag_turns(turns).dialogue
    assert len(dialogue.split("\n")) == len(turns)
    assert repair(dialogue) == dialogue


def test_the_eighth_speaker_has_a_tag_and_is_told() -> None:
    tagged = tag_turns((f"손님{c}", "네.") for c in "가나다라마바사아")
    assert spoken(tagged.dialogue)[-1] == "#Person8#"
    assert crowd(MOST_SPEAKERS) == ""
    assert crowd(8).startswith("8 speakers, and the masks end with #Person7#")
