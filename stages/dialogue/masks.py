"""The competition's 15 masks, which are special tokens of every tokenizer here."""

MASKS = (
    "#Person1#",
    "#Person2#",
    "#Person3#",
    "#Person4#",
    "#Person5#",
    "#Person6#",
    "#Person7#",
    "#PhoneNumber#",
    "#Address#",
    "#DateOfBirth#",
    "#PassportNumber#",
    "#SSN#",
    "#CardNumber#",
    "#CarNumber#",
    "#Email#",
)
"""In one fixed order: a set's order would give a mask another id in training than at prediction."""
