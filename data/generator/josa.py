"""Korean particles (josa), which follow the last sound of the word before them."""

FIRST_SYLLABLE = ord("가")
FINALS = 28  # a syllable block is (initial * 21 + vowel) * 28 + final; final 0: none
RIEUL = 8

DIGITS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
LETTERS = {"L": "엘", "M": "엠", "N": "엔", "R": "알"}  # every other letter's name ends in a vowel
MASKS = {"#Email#": "메일", "#DateOfBirth#": "생년월일"}  # the others end in 번호 or 주소, a vowel

PAIRS = (("으로", "로"), ("은", "는"), ("을", "를"), ("과", "와"), ("아", "야"))


def attach(word: str, josa: str) -> str:
    """Return `word` with `josa`, which is given in its form after a consonant.

    >>> attach("운동화", "을"), attach("가방", "을"), attach("지하철", "으로")
    ('운동화를', '가방을', '지하철로')
    >>> attach("#Person1#", "은"), attach("#Person2#", "은")
    ('#Person1#은', '#Person2#는')
    >>> attach("수박", "이에요"), attach("사과", "이에요"), attach("사과", "이랑")
    ('수박이에요', '사과예요', '사과랑')

    A josa after `~` is for a friend's name: `attach("지영", "~가")` is `지영이가`, and
    `attach("민수", "~가")` is `민수가`. Any other ending is added as it stands.
    """
    final = final_consonant(word)
    if josa.startswith("~"):
        return word + ("이" if final else "") + josa[1:]
    for after_consonant, after_vowel in PAIRS:
        if josa.startswith(after_consonant):
            rieul = after_consonant == "으로" and final == RIEUL
            form = after_consonant if final and not rieul else after_vowel
            return word + form + josa.removeprefix(after_consonant)
    if final or not josa.startswith("이"):
        return word + josa
    if josa == "이":
        return word + "가"
    contracted = {"이에": "예", "이었": "였"}.get(josa[:2])
    return word + (contracted + josa[2:] if contracted else josa[1:])


def final_consonant(word: str) -> int:
    """Return the number of the consonant that closes `word` as it is read, 0 for a vowel.

    A speaker's tag is read as its digit: `#Person1#` as 일, `#Person2#` as 이.
    """
    if word in MASKS:
        return final_consonant(MASKS[word])
    letters = [letter for letter in word if letter.isalnum()]
    if not letters:
        raise ValueError(f"a word with a letter or a digit was expected, got {word!r}")
    last = letters[-1]
    if word.endswith("#") and not last.isdigit():
        return 0
    last = DIGITS.get(last) or LETTERS.get(last.upper()) or last
    return (ord(last[-1]) - FIRST_SYLLABLE) % FINALS if "가" <= last[-1] <= "힣" else 0
