"""Repairs of the tags that say who speaks: all become `#Person1#`.

A tag's number is never changed, not even the 21 of `#person21#`: which of the speakers was meant
cannot be told, and speakers do not have to take turns. `#Name#`, `#키` and other words are no
speakers' tags and stay.
"""

import re

_COLON = r"(?=[^\S\n]*[:：])"
_WIDE = re.compile(r"[#＃] ?(?:person|사람) ?\d+ ?[#＃]?", re.IGNORECASE)
_IN_KOREAN = re.compile(rf"(?:(?<=#)|^)사람(?= ?\d+ ?(?:#|{_COLON}))", re.MULTILINE)
_IN_ANY_CASE = re.compile(
    rf"(?:(?<=#)|^)person(?= ?\d+ ?(?:#|{_COLON}))", re.IGNORECASE | re.MULTILINE
)
_SPACED = re.compile(
    r"#Person (\d+) ?(?=#)|#Person(\d+) (?=#)|^Person (\d+)"
    + _COLON
    + r"|^# Person ?(\d+) ?(?=#?"
    + _COLON
    + ")",
    re.MULTILINE,
)
# A hash after a Latin letter or a digit may close the tag before: `#Person1##Person2#`.
_TOO_MANY = re.compile(rf"(?<![0-9A-Za-z#])##+(?=Person\d+(?:#|{_COLON}))|(?<=Person\d)##+{_COLON}")
_UNCLOSED = re.compile(rf"#Person(\d+){_COLON}|^#Person(\d+)(?=[^\S\n])", re.MULTILINE)
_UNOPENED = re.compile(rf"(?<![0-9A-Za-z#])Person(\d+)#{_COLON}|^Person(\d+){_COLON}", re.MULTILINE)


def narrow_wide_hashes(dialogue: str) -> str:
    """Write the hashes of a speaker's tag as ASCII.

    >>> narrow_wide_hashes("＃Person1＃: 네, #사람2＃!")
    '#Person1#: 네, #사람2#!'
    """
    return _WIDE.sub(lambda tag: tag[0].replace("＃", "#"), dialogue)


def translate_speaker_tags(dialogue: str) -> str:
    """Write a speaker's tag in English.

    >>> translate_speaker_tags("#사람1#: 저 사람 누구야?")
    '#Person1#: 저 사람 누구야?'
    """
    return _IN_KOREAN.sub("Person", dialogue)


def capitalise_speaker_tags(dialogue: str) -> str:
    """Write a speaker's tag with one capital.

    >>> capitalise_speaker_tags("#PErson2#: 네. #person21#: 네.")
    '#Person2#: 네. #Person21#: 네.'
    """
    return _IN_ANY_CASE.sub("Person", dialogue)


def close_up_speaker_tags(dialogue: str) -> str:
    r"""Take the blanks out of a speaker's tag.

    >>> close_up_speaker_tags("#Person 2#: #Person1 #이에요?\n# Person2#: 네.")
    '#Person2#: #Person1#이에요?\n#Person2#: 네.'
    """
    return _SPACED.sub(lambda tag: tag[0].replace(" ", ""), dialogue)


def drop_double_hashes(dialogue: str) -> str:
    """Leave one hash before and one behind a speaker's tag; two tags in a row keep theirs.

    >>> drop_double_hashes("##Person1#: #Person2##Person3# 어디 있어?")
    '#Person1#: #Person2##Person3# 어디 있어?'
    """
    return _TOO_MANY.sub("#", dialogue)


def add_missing_hashes(dialogue: str) -> str:
    r"""Complete a speaker's tag that lacks a hash, where a colon or its place shows what it is.

    >>> add_missing_hashes("Person1#: 네.\n#Person2: 네.\nPerson3: 네.")
    '#Person1#: 네.\n#Person2#: 네.\n#Person3#: 네.'
    """
    dialogue = _UNCLOSED.sub(lambda tag: f"#Person{tag[1] or tag[2]}#", dialogue)
    return _UNOPENED.sub(lambda tag: f"#Person{tag[1] or tag[2]}#", dialogue)
