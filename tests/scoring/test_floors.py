import pytest

from stages.rouge.rouge import Scorer, scores
from stages.scoring.floors import FLOORS, constant, first_two_turns, longest_turn

DIALOGUE = "#Person1#: 안녕하세요.\n#Person2#: 네, 무엇을 도와드릴까요?\n#Person1#: 방이 있나요?"


def test_the_constant_says_nothing_of_the_dialogue():
    assert constant(DIALOGUE, "ko") == "#Person1#과 #Person2#는 이야기를 나누고 있습니다."


def test_the_first_two_turns_keep_their_tags():
    two = "#Person1#: 안녕하세요. #Person2#: 네, 무엇을 도와드릴까요?"
    assert first_two_turns(DIALOGUE, "ko") == two
    assert first_two_turns("#Person1#: 네.", "ko") == "#Person1#: 네."


def test_of_several_longest_turns_the_first_is_taken():
    assert longest_turn(DIALOGUE, "ko") == "#Person2#: 네, 무엇을 도와드릴까요?"
    assert longest_turn("#Person1#: 네.\n#Person2#: 응.", "ko") == "#Person1#: 네."


@pytest.mark.parametrize(
    ("floor", "published"), [("constant", 32.1), ("first_two_turns", 24.1), ("longest_turn", 19.4)]
)
def test_the_published_floors_of_the_real_dev_set(floor, published, dev_rows):
    # Published for the 499 dev rows; the turns come out only with their speaker tags.
    predictions = [FLOORS[floor](row["dialogue"], "ko") for row in dev_rows]
    per_dialogue = Scorer("mecab", "counts", "average").per_dialogue(
        predictions, [[row["summary"]] for row in dev_rows]
    )
    values = {name: round(value, 1) for name, value in scores(per_dialogue).items()}
    assert values["rouge_mean"] == published
    if floor == "constant":
        assert (values["rouge1"], values["rouge2"], values["rougeL"]) == (38.4, 23.7, 34.3)


@pytest.mark.parametrize(
    ("floor", "known"), [("constant", (20.3, 3.8, 17.4)), ("first_two_turns", (27.0, 6.3, 20.7))]
)
def test_the_floors_of_dialogsum_are_those_that_rouge_score_gives(floor, known, english_rows):
    # Measured elsewhere with `rouge_score` 0.1.2, `use_stemmer`, the mean over three references.
    predictions = [FLOORS[floor](row["dialogue"], "en") for row in english_rows]
    references = [[row[f"summary{i}"] for i in (1, 2, 3)] for row in english_rows]
    per_dialogue = Scorer("english", "counts", "average").per_dialogue(predictions, references)
    values = scores(per_dialogue)
    assert tuple(round(values[name], 1) for name in ("rouge1", "rouge2", "rougeL")) == known
