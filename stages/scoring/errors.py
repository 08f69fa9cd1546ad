"""What a reader would call an error in a summary, beside its score.

Each is a function of dialogue, prediction and their language. Where a rule cannot be sure it says
nothing: on the 2,499 Korean and 2,000 English reference summaries at hand none fires on more than
two in a hundred.
"""

import re
from collections import Counter
from difflib import SequenceMatcher

from stages.params import Language
from stages.rouge.tokenizers import Tokenizer, tokenize
from stages.scoring.numerals import says_number

LONGEST_SUMMARY: dict[Language, int] = {"ko": 376, "en": 1039}
"""Characters of the longest reference of the competition, and of DialogSum."""

_TOKENIZERS: dict[Language, Tokenizer] = {"ko": "mecab", "en": "whitespace"}
"""What copies and repetitions are measured in, whatever the score counts."""

_MASK = re.compile(r"#[A-Za-z]+\d*#")
_SPEAKER = re.compile(r"#Person\d+#")
_HALF_MASK = re.compile(
    r"#\s?(?:Person|PhoneNumber|Address|DateOfBirth|PassportNumber|SSN|CardNumber|CarNumber|Email)"
    r"|\b(?:Person\d|PhoneNumber|DateOfBirth|PassportNumber|CardNumber|CarNumber)"
    r"|#[A-Za-z]*$"
)
_LEFT_BEHIND = {
    "ko": re.compile(r"(?:^|[.!?] )(?:는|은|가|를|을|와|과|에게) "),
    "en": re.compile(r"^\s*(?:'s|and|[a-z]+s) "),
}
"""The particle behind a mask, or the verb: `asks for help.`"""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_NAMES = {
    "ko": re.compile(r"[A-Za-z]{2,}"),
    # Where a sentence begins all words have a capital: a name is what has, does or joins something.
    "en": re.compile(
        r"(?<![.!?:\"“”] )(?<![\"“‘'])(?<!^)\b[A-Z][A-Za-z]+"
        r"|\b[A-Z][a-z]+(?='s | and [A-Z#]| [a-z]+s )"
    ),
}
_NO_NAMES = {
    "ko": {"mr", "mrs", "ms", "dr"},
    "en": {
        *("mr", "mrs", "ms", "dr", "miss", "ok", "tv"),
        *("he", "she", "it", "they", "this", "that", "there", "then", "also", "after", "who"),
        *("everyone", "everybody", "someone", "somebody", "nobody", "neither", "both", "one"),
    },
}
_ENDINGS = {
    "ko": re.compile(r"""(?:[.!?…]|[다요죠까함음임됨])["'”’」』)\]]*$"""),
    "en": re.compile(r"""[.!?…]["'”’)\]]*$"""),
}


def empty(_dialogue: str, prediction: str, _language: Language) -> bool:
    """Tell whether the prediction says nothing at all.

    >>> empty("#Person1#: 네.", " ", "ko")
    True
    """
    return not prediction.strip()


def unknown_speaker(dialogue: str, prediction: str, _language: Language) -> bool:
    """Tell whether the prediction names a speaker whom the dialogue does not have.

    >>> unknown_speaker("#Person1#: 네.", "#Person3#가 대답합니다.", "ko")
    True
    """
    return not set(_SPEAKER.findall(prediction)) <= set(_SPEAKER.findall(dialogue))


def lost_mask(_dialogue: str, prediction: str, language: Language) -> bool:
    """Tell whether half a mask is left of one, or only the word that stood behind it.

    >>> lost_mask("#Person1#: 네.", "#Person1이 대답합니다.", "ko")
    True
    >>> lost_mask("#Person1#: 네.", "는 대답합니다.", "ko")  # the tag was skipped
    True
    """
    return bool(damaged_mask(prediction, language))


def damaged_mask(prediction: str, language: Language) -> str:
    """Return the first damage of a mask, with what stands around it; empty where there is none.

    >>> damaged_mask("#Person1#은 웃는다. # Person2#는 운다. #Person1#이 #Person2#를 본다.", "ko")
    'n1#은 웃는다. # Person2#는 운다. #P'
    """
    # Of the masks that are whole their hashes and letters are blanked out, so that places stay.
    rest = _MASK.sub(lambda mask: "\0" * len(mask[0]), prediction)
    found = _HALF_MASK.search(rest) or _LEFT_BEHIND[language].search(prediction)
    return prediction[max(found.start() - 10, 0) : found.end() + 10] if found else ""


def unknown_number(dialogue: str, prediction: str, language: Language) -> bool:
    """Tell whether the prediction has a number in digits that the dialogue neither writes nor says.

    >>> unknown_number("#Person1#: 4시에 봐요.", "5시에 만납니다.", "ko")
    True
    >>> unknown_number("#Person1#: 세 시에 봐요.", "3시에 만납니다.", "ko")
    False
    """
    return any(
        number.is_integer() and not says_number(dialogue, int(number), language)
        for number in _numbers(prediction) - _numbers(dialogue)
    )


def unknown_name(dialogue: str, prediction: str, language: Language) -> bool:
    """Tell whether the prediction has a name that the dialogue does not have.

    In Korean that is a word in Latin letters, in English one with a capital.

    >>> unknown_name("#Person1#: 야 Jimmy, 운동하자.", "Tom은 운동합니다.", "ko")
    True
    >>> unknown_name("#Person1#: Hi, Jimmy!", "#Person1# greets Tom.", "en")
    True
    """
    known = dialogue.lower()
    names = (name.lower() for name in _NAMES[language].findall(_MASK.sub("#", prediction)))
    return any(name not in known and name not in _NO_NAMES[language] for name in names)


def unfinished(_dialogue: str, prediction: str, language: Language) -> bool:
    """Tell whether the prediction stops before the end of a sentence.

    >>> unfinished("", "#Person1#은 병원에 가", "ko"), unfinished("", "#Person1#은 운동을 함", "ko")
    (True, False)
    """
    return _ENDINGS[language].search(prediction.rstrip()) is None


def copied(dialogue: str, prediction: str, language: Language) -> bool:
    """Tell whether half the prediction or more is one run of the dialogue's morphemes or words.

    >>> copied("#Person1#: 오늘은 팔 운동하는 날이야.", "오늘은 팔 운동하는 날입니다.", "ko")
    True
    """
    longest = longest_copy(dialogue, prediction, language)
    return 2 * longest >= max(len(_pieces(prediction, language)), 1)


def longest_copy(dialogue: str, prediction: str, language: Language) -> int:
    """Return the length of the longest run that both have; a mask counts as one piece."""
    spoken, written = _pieces(dialogue, language), _pieces(prediction, language)
    return SequenceMatcher(None, spoken, written, autojunk=False).find_longest_match().size


def repeating(_dialogue: str, prediction: str, language: Language) -> bool:
    """Tell whether every fifth run of three morphemes or words, or more, was there before.

    >>> repeating("", "예약을 확인하고 예약을 확인하고 예약을 확인합니다.", "ko")
    True
    """
    pieces = _pieces(prediction, language)
    runs = Counter(zip(pieces, pieces[1:], pieces[2:], strict=False))
    return 5 * (runs.total() - len(runs)) >= max(runs.total(), 1)


def too_long(dialogue: str, prediction: str, language: Language) -> bool:
    """Tell whether the prediction is longer than the dialogue, or than any known summary."""
    return len(prediction) > min(len(dialogue), LONGEST_SUMMARY[language])


ERRORS = {
    "empty": empty,
    "unknown_speaker": unknown_speaker,
    "lost_mask": lost_mask,
    "unknown_number": unknown_number,
    "unknown_name": unknown_name,
    "unfinished": unfinished,
    "copied": copied,
    "repeating": repeating,
    "too_long": too_long,
}
"""Each by the name under which the metrics count it."""


def _numbers(text: str) -> set[float]:
    return {float(n) for n in _NUMBER.findall(_THOUSANDS.sub("", _MASK.sub(" ", text)))}


def _pieces(text: str, language: Language) -> list[str]:
    """Cut `text`, masks in one piece: five of MeCab's to a mask would be copies and repetitions."""
    between = zip(_MASK.split(text), [*_MASK.findall(text), ""], strict=True)
    cut = [
        piece
        for words, mask in between
        for piece in (*tokenize(words, _TOKENIZERS[language]), mask)
    ]
    return [piece for piece in cut if piece]
