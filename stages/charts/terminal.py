"""What a command printed, as an SVG in the pages' colours, light or dark as its reader's system."""

import re

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from stages.charts.theme import palette

_FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px Menlo, Consolas, "DejaVu Sans Mono", monospace;
}}
{styles}
/* dark */
</style>
<defs>{lines}</defs>
<rect class="{unique_id}-page" width="100%" height="100%"/>
<g transform="translate(9, 24)">{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def terminal_svg(console: Console) -> str:
    """Return what a recording console has printed; no font and no picture is loaded for it."""
    light, dark = (_drawn(console, place) for place in (0, 1))
    rules = dark.partition("</style>")[0].partition("<style>")[2].partition("/* dark */")[0]
    return light.replace("/* dark */", f"@media (prefers-color-scheme: dark) {{{rules}}}")


def _drawn(console: Console, place: int) -> str:
    page, ink = (palette()[name][place] for name in ("page", "ink"))
    rgb = _rgb(ink)
    theme = TerminalTheme(_rgb(page), rgb, [rgb] * 8)
    drawn = console.export_svg(theme=theme, clear=False, code_format=_FORMAT, unique_id="table")
    return re.sub(r"(?=/\* dark)", f".table-page {{ fill: {page} }}\n", drawn)


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue
