import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command.errors import UserError
from stages.dialogue.chat import name_speakers, tag_speakers


@pytest.mark.parametrize(
    ("text", "dialogue", "names"),
    [
        ("민수: 먹자.\n지영: 좋아.", "#Person1#: 먹자.\n#Person2#: 좋아.", ["민수", "지영"]),
        ("민수:먹자.\n\n지영 ： 좋아.", "#Person1#: 먹자.\n#Person2#: 좋아.", ["민수", "지영"]),
        ("민수: 먹자.\n민수: 응?", "#Person1#: 먹자.\n#Person1#: 응?", ["민수"]),
        ("김 대리(영업): 네.\n오후 3:30에요.", "#Person1#: 네. 오후 3:30에요.", ["김 대리(영업)"]),
        ("A: https://a.kr 봐.\nhttps://b.kr", "#Person1#: https://a.kr 봐. https://b.kr", ["A"]),
        ("#Person1#: 지영: 알지?", "#Person1#: 지영: 알지?", []),
        (
            "[민수] [오전 10:30] 먹자.\n[지영] [오후 3:05] 좋아.",
            "#Person1#: 먹자.\n#Person2#: 좋아.",
            ["민수", "지영"],
        ),
        (
            "2024년 3월 1일 오후 3:05, 민수 : 먹자.\n2024년 3월 1일 오후 3:06, 지영 : 3:40에 봐.",
            "#Person1#: 먹자.\n#Person2#: 3:40에 봐.",
            ["민수", "지영"],
        ),
        ("[10:30] 민수: 먹자.", "#Person1#: 먹자.", ["민수"]),
        ("오전 10:30 민수: 먹자.", "#Person1#: 먹자.", ["민수"]),
        ("#사람1#:안녕.\r\nPerson2: 응.", "#Person1#: 안녕.\n#Person2#: 응.", []),
    ],
)
def test_names_become_tags(text: str, dialogue: str, names: list[str]) -> None:
    tagged = tag_speakers(text)
    assert tagged.dialogue == dialogue
    assert list(tagged.names.values()) == names


def test_names_among_tags_are_told() -> None:
    tagged = tag_speakers("#Person1#: 먹자.\n민수: 좋아.")
    assert tagged.dialogue == "#Person1#: 먹자. 민수: 좋아."
    assert tagged.unclear == ("민수",)
    assert tag_speakers("#Person1#: 지영: 알지?").unclear == ()
    assert tag_speakers("민수: 먹자.").unclear == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the dialogue is empty"),
        (" \n ", "the dialogue is empty"),
        ("안녕하세요.\n반갑습니다.", "nobody speaks in '안녕하세요."),
        ("민수:\n지영:", "nobody speaks"),
        ("\n".join(f"손님{c}: 네." for c in "가나다라마바사아"), "there are 8 speakers"),
        ("\n".join(f"#Person{i}#: 네." for i in range(1, 9)), "there are 8 speakers"),
    ],
)
def test_what_is_no_dialogue_is_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        tag_speakers(text)


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
    tagged = tag_speakers("\n".join(f"{name}: 네." for name in speakers))
    tags = [line.partition(":")[0] for line in tagged.dialogue.split("\n")]
    assert [tagged.names[tag] for tag in tags] == speakers
