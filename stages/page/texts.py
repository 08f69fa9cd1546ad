"""What report and demo say: the English text, as the code has it, and the Korean one.

korean.json has them by section, `{names}` for values. Names of params, files and commands, and
terms such as ROUGE, are the same in both. A text that is not there is shown as it stands
(tests/page/test_texts.py).
"""

import json
from collections.abc import Mapping
from pathlib import Path

from stages.charts.vega import Say, english
from stages.params import Language

NAMES: Mapping[Language, str] = {"ko": "한국어", "en": "English"}
_SECTIONS = json.loads(Path(__file__).with_name("korean.json").read_text(encoding="utf-8"))
KOREAN: Mapping[str, str] = {
    text: korean for section in _SECTIONS.values() for text, korean in section.items()
}
"""English → Korean."""


def saying(language: Language) -> Say:
    """Return the function from an English text and its values to the text in a language.

    >>> saying("ko")("{n} seeds", n=3)
    '시드 3개'
    """
    if language == "en":
        return english
    return lambda text, **values: KOREAN.get(text, text).format(**values)
