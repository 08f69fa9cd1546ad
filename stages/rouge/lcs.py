"""ROUGE-L as the `rouge` 1.0.1 package means it: the union of the sentences' common words."""

from collections.abc import Sequence

Sentence = list[str]


def sentences(tokens: Sequence[str]) -> list[Sentence]:
    """Cut tokens where the package cuts a text: at every full stop.

    >>> sentences(["네", ".", "3.5", "%"])
    [['네'], ['3'], ['5', '%']]

    The stops are no words. Where only blanks stand between two of them the package counts the
    empty word: `sentences(["네", ".", "."])` is `[["네"], [""]]`.
    """
    pieces = " ".join(tokens).split(".")
    return [" ".join(piece.split()).split(" ") for piece in pieces if piece]


def union_lcs(prediction: Sequence[Sentence], reference: Sequence[Sentence]) -> set[str]:
    """Return the words on a longest common subsequence of any two sentences.

    >>> sorted(union_lcs([list("acd"), list("bde")], [list("abcde")]))
    ['a', 'b', 'c', 'd', 'e']
    """
    return {word for wanted in reference for given in prediction for word in _common(wanted, given)}


def _common(wanted: Sentence, given: Sentence) -> list[str]:
    """Return the words of one longest common subsequence, last word first.

    Of several longest ones the package's own is returned: it walks back from the ends and
    rather drops the last word of `given`. The table is one bit row a word of `wanted`; a 0 at bit
    j says that word j of `given` made the subsequence longer (Hyyrö 2004, "Bit-parallel
    LCS-length computation revisited").
    """
    places: dict[str, int] = {}
    for j, word in enumerate(given):
        places[word] = places.get(word, 0) | 1 << j
    row = everywhere = (1 << len(given)) - 1
    rows = []
    for word in wanted:
        hits = row & places.get(word, 0)
        row = ((row + hits) | (row - hits)) & everywhere
        rows.append(row)
    common = []
    i, j = len(wanted) - 1, len(given) - 1
    while i >= 0 and j >= 0:
        if wanted[i] == given[j]:
            common.append(wanted[i])
            i, j = i - 1, j - 1
        elif rows[i] >> j & 1:
            j -= 1
        else:
            i -= 1
    return common
