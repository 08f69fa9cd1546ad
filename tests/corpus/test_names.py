import doctest
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.command import faults
from stages.corpus import columns, names, tables, values
from stages.corpus.names import replace_names, tag_labels

TAGS = {
    "민수": "#Person1#",
    "지영": "#Person2#",
    "Mia": "#Person3#",
    "A": "#Person4#",
    "민수기": "#Person5#",
}

# Each by hand: the tag's number decides the josa as it is read, 일 이 삼 사 오.
REFERENCES = [
    ("민수는 지영에게 묻는다.", "#Person1#은 #Person2#에게 묻는다."),
    ("민수은 지영가 온다.", "#Person1#은 #Person2#가 온다."),
    ("지영이가 민수와 지영이를 본다.", "#Person2#가 #Person1#과 #Person2#를 본다."),
    ("지영이 웃는다. 지영이도, 지영이네도.", "#Person2#가 웃는다. #Person2#도, #Person2#네도."),
    ("민수 씨는 지영님의 책을 산다.", "#Person1# 씨는 #Person2#님의 책을 산다."),
    ("민수기는 민수랑 간다.", "#Person5#는 #Person1#이랑 간다."),
    ("김민수는 민수네와 다르다.", "김민수는 #Person1#네와 다르다."),
    ("민수국은 나라다.", "민수국은 나라다."),
    ("Mia's mother calls Mia, not Miami.", "#Person3#'s mother calls #Person3#, not Miami."),
    ("A man asks A and Mia.", "A man asks #Person4# and #Person3#."),
    ("A는 Mia에게 답한다.", "#Person4#는 #Person3#에게 답한다."),
    ("둘은 이야기한다.", "둘은 이야기한다."),
]

# What people write before a colon, and how it comes out.
DIALOGUES = [
    ("민수: 먹자.\n지영: 그래, 민수야.", "#Person1#: 먹자.\n#Person2#: 그래, 민수야."),
    ("P01： 먹자.\r\nP02： 그래.", "#Person1#: 먹자.\n#Person2#: 그래."),
    ("A : 먹자.\nB : 그래.\nA :좋아.", "#Person1#: 먹자.\n#Person2#: 그래.\n#Person1#: 좋아."),
    ("1: 먹자.\n2: 그래.", "#Person1#: 먹자.\n#Person2#: 그래."),
    ("Matt L.: Hi.\nDr. Smith: 12:30?", "#Person1#: Hi.\n#Person2#: 12:30?"),
    ("가람🌻 (3팀): 먹자.\n오후 3:30에 봐.", "#Person1#: 먹자. 오후 3:30에 봐."),
    ("민수: 이거 봐\nhttps://a.b/c", "#Person1#: 이거 봐 https://a.b/c"),
    ("#Person2#: 네.\n#Person1#: 메모: 없음", "#Person2#: 네.\n#Person1#: 메모: 없음"),
    ("#사람1#: 네.", "#사람1#: 네."),
    ("아무도 말하지 않는다.", "아무도 말하지 않는다."),
]


@pytest.mark.parametrize(("reference", "tagged"), REFERENCES)
def test_names_in_a_reference_become_tags(reference: str, tagged: str) -> None:
    assert replace_names(reference, TAGS) == tagged


@pytest.mark.parametrize(("dialogue", "tagged"), DIALOGUES)
def test_names_before_the_colons_become_tags(dialogue: str, tagged: str) -> None:
    assert tag_labels(dialogue, ()).dialogue == tagged


def test_what_was_replaced_is_for_the_ledger_and_the_table_of_speakers() -> None:
    tagged = tag_labels("나래: 네.\n가람: 응.", ["나래가 답한다.", "둘이다."])
    assert tagged.names == {"#Person1#": "나래", "#Person2#": "가람"}
    assert [(step.rule, step.after) for step in tagged.steps] == [
        ("tag_names", "#Person1#: 네.\n#Person2#: 응."),
        ("reference.tag_names", "#Person1#이 답한다."),
    ]


NAMES = st.lists(st.sampled_from(["가람", "나래", "다온", "Mia", "P01", "이수 (1팀)"]), min_size=1)


@given(NAMES)
def test_tags_are_numbered_in_the_order_of_speaking(speakers: list[str]) -> None:
    tagged = tag_labels("\n".join(f"{name}: 네." for name in speakers), ())
    order = list(dict.fromkeys(re.findall(r"#Person(\d+)#", tagged.dialogue)))
    assert order == [str(number) for number in range(1, len(set(speakers)) + 1)]
    again = [tagged.names[tag] for tag in re.findall(r"#Person\d+#", tagged.dialogue)]
    assert again == speakers


@pytest.mark.parametrize("module", [columns, faults, names, tables, values])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
