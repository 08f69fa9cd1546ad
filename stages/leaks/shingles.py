"""Dialogues as sets of character 3-grams: what "nearly the same text" is measured on.

Masks, speakers, case, punctuation and white space are no part of it: the two editions of the
Korean data differ in all of them, and Korean word spacing is a matter of taste.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_MASK = re.compile(r"#\w+#")
_WORD = re.compile(r"[^\W_]+")
# Sorting the shingles of this many texts at a time keeps the peak memory low.
_CHUNK = 2048


def bare_text(dialogue: str) -> str:
    r"""Return the words of a dialogue in lower case, without masks, speakers and punctuation.

    >>> bare_text("#Person1#: Mr. Smith, 5%요?\n#Person2#: 네!")
    'mr smith 5 요 네'
    """
    return " ".join(_WORD.findall(_MASK.sub(" ", dialogue).lower()))


def shingle_sets(texts: Sequence[str]) -> sparse.csr_array:
    """Return the 3-grams of bare texts, blanks left out, as a 0/1 matrix `(texts, 3-grams)`.

    A text of one or two characters is its own only shingle, an empty one has none. The columns
    stand in the order of the code points: here 내일봐, 네, 일봐요.

    >>> shingle_sets(["내일 봐요", "네"]).toarray().tolist()
    [[1, 0, 1], [0, 1, 0]]
    """
    chunks = [_chunk_sets(texts[i : i + _CHUNK]) for i in range(0, len(texts), _CHUNK)]
    vocabulary = np.unique(np.concatenate([keys for _, keys in chunks] or [np.empty(0, np.int64)]))
    return sparse.vstack(
        [sparse.csr_array((0, len(vocabulary)), dtype=np.int32), *_widened(chunks, vocabulary)],
        format="csr",
    )


def _chunk_sets(texts: Sequence[str]) -> tuple[sparse.csr_array, NDArray[np.int64]]:
    """Return a 0/1 matrix and the shingle that each column is."""
    # A text of one or two letters is filled up with NUL, which no bare text contains.
    letters = [text.ljust(3, "\0") if text else "" for text in (t.replace(" ", "") for t in texts)]
    points = np.frombuffer("".join(letters).encode("utf-32-le"), np.uint32).astype(np.int64)
    rows = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) for text in letters])
    within = rows[:-2] == rows[2:]
    # A code point has 21 bits: three of them make one integer.
    keys = (points[:-2] << 42 | points[1:-1] << 21 | points[2:])[within]
    vocabulary, columns = np.unique(keys, return_inverse=True)
    ones = np.ones(len(columns), np.int32)
    shape = (len(texts), len(vocabulary))
    sets = sparse.csr_array((ones, (rows[:-2][within], columns.astype(np.int32))), shape=shape)
    sets.data[:] = 1  # the constructor has added up what a text says twice
    return sets, vocabulary


def _widened(
    chunks: Sequence[tuple[sparse.csr_array, NDArray[np.int64]]], vocabulary: NDArray[np.int64]
) -> Iterator[sparse.csr_array]:
    for sets, keys in chunks:
        columns = np.searchsorted(vocabulary, keys).astype(np.int32)[sets.indices]
        yield sparse.csr_array(
            (sets.data, columns, sets.indptr), shape=(sets.shape[0], len(vocabulary))
        )
