"""How a command says what it takes: its docstring, as wide as the terminal is."""

import argparse
import re
from collections.abc import Iterator

_COLUMNS = re.compile(r"(?<=\S) {2,}(?=\S)")
"""Between an example and what it does."""


class Prose(argparse.HelpFormatter):
    """Fills paragraphs; lines that are indented, the examples, stay lines."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(f"{indent}{line}".rstrip() for line in fill(text, width - len(indent)))


def command_parser(
    name: str, text: str | None, *, epilog: str | None = None
) -> argparse.ArgumentParser:
    """Return the parser of `python -m stages.NAME`; `text` is the module's docstring."""
    return argparse.ArgumentParser(
        prog=f"python -m stages.{name}", description=text, epilog=epilog, formatter_class=Prose
    )


def fill(text: str, width: int) -> Iterator[str]:
    r"""Yield lines of at most `width` columns, of which a syllable of Hangul takes two.

    >>> list(fill("Reads\na file.\n\n    do this   and that", 16))
    ['Reads a file.', '', '    do this', '        and that']
    """
    for place, part in enumerate(re.split(r"\n\s*?\n", text.strip("\n"))):
        yield from [""] * (place > 0)
        if part.startswith("    "):
            for example in part.splitlines():
                yield from _example(example, width)
        else:
            yield from _wrapped(part, width, "")


def _example(line: str, width: int) -> Iterator[str]:
    if _cells(line) <= width:
        yield line
        return
    command, *words = _COLUMNS.split(line.strip(), maxsplit=1)
    first, *rest = _wrapped(command, width - 4, "    ")
    yield from (first, *(f"    {more}" for more in rest))
    for gloss in words:
        yield from _wrapped(gloss, width, "        ")


def _wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and _cells(f"{indent}{line} {word}") > width:
            yield indent + line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield indent + line


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
