"""What two texts share: n-grams, counted for many pairs of texts at once, and common words.

`sentences` and `union_lcs` are ROUGE-L as the `rouge` 1.0.1 package means it: the union of the
sentences' common words.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, chain, count, pairwise

import numpy as np
from numpy.typing import NDArray

Sentence = list[str]
Ints = NDArray[np.int64]


def numbered(texts: Sequence[Sequence[str]]) -> list[Ints]:
    """Return each text with its words as numbers, equal words as equal numbers.

    >>> numbered([["네", "가", "네"], ["가"]])
    [array([0, 1, 0]), array([1])]
    """
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    words = np.fromiter(map(numbers.__getitem__, chain.from_iterable(texts)), np.int64)
    return [words[i:j] for i, j in pairwise(accumulate(map(len, texts), initial=0))]


def shared_ngrams(
    given: Sequence[Ints], wanted: Sequence[Ints], rows: Ints, n: int, *, distinct: bool
) -> Ints:
    """Compare each text of `wanted` with the text of `given` whose place `rows` names.

    Returns `(wanted, 3)`: n-grams in both texts, in the given one, in the wanted one.

    >>> texts = numbered([["네", "네", "가"], ["네", "네", "오"]])
    >>> shared_ngrams(texts[:1], texts[1:], np.array([0]), 1, distinct=False)
    array([[2, 3, 3]])
    >>> shared_ngrams(texts[:1], texts[1:], np.array([0]), 1, distinct=True)
    array([[1, 2, 2]])

    With `distinct` a repeated n-gram counts once. All texts are `numbered` together.
    """
    base = 1 + int(np.concatenate((*given, *wanted)).max(initial=0))
    left, in_left = np.unique(_keys(given, n, base), return_counts=True)
    right, in_right = np.unique(_keys(wanted, n, base), return_counts=True)
    if distinct:
        in_left, in_right = np.ones_like(in_left), np.ones_like(in_right)
    text, gram = np.divmod(right, base**n)
    # The n-gram where it would stand among the given ones; both sides being sorted, this is fast.
    counterpart = rows[text] * base**n + gram
    at = np.searchsorted(left, counterpart)
    found = np.append(left, -1)[at] == counterpart
    in_both = np.where(found, np.minimum(np.append(in_left, 0)[at], in_right), 0)
    both = np.bincount(text, in_both, len(wanted))
    totals_left = np.bincount(left // base**n, in_left, len(given))
    totals_right = np.bincount(text, in_right, len(wanted))
    return np.column_stack((both, totals_left[rows], totals_right)).astype(np.int64)


def _keys(texts: Sequence[Ints], n: int, base: int) -> Ints:
    """Return one number for every n-gram: its words are the digits, its text's place the first."""
    words = np.concatenate(texts)
    places = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    number = max(len(words) - n + 1, 0)
    keys = places[:number]
    for k in range(n):
        keys = keys * base + words[k : k + number]
    in_one_text: Ints = keys[places[:number] == places[len(places) - number :]]
    return in_one_text


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
