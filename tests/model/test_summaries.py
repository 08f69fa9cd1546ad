import pytest
from tokenizers import Tokenizer

from stages.model.summaries import at_cap


@pytest.mark.parametrize(
    ("row", "capped"),
    [
        ("</s> <s> 가 나 다 </s> <pad> <pad>", False),  # transformers, ended by the model
        ("</s> 가 나 다 라 </s>", True),  # transformers, the end forced as the fifth token
        ("</s> 가 나 다 라 마", True),  # transformers, cut
        ("가 나 다", False),  # CTranslate2, ended by the model
        ("가 나 다 라 마", True),  # CTranslate2, cut
        ("#Person1# 나 #Person2# 라 마", True),  # masks are words
        ("", False),
    ],
)
def test_a_summary_at_the_cap_is_told_from_one_that_ended(
    tokenizer: Tokenizer, row: str, capped: bool
) -> None:
    words = {"가": 100, "나": 101, "다": 102, "라": 103, "마": 104}
    ids = [words.get(token, tokenizer.token_to_id(token)) for token in row.split()]
    assert at_cap(tokenizer, [ids], max_new_tokens=5) == [capped]
