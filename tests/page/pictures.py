"""Take the README's picture of metrics/report.html: python -m tests.page.pictures."""

import argparse
import base64
from pathlib import Path

from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import existing
from stages.command.progress import say
from tests.page.browser import chromium, find_browser

PICTURE = Path("docs/report.png")
SIZE = {"width": 1280, "height": 860}
GAP = 24


def take(path: str, page_file: Path, picture: Path) -> None:
    """Save two windows side by side: the score in the light, the dialogues in the dark."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with chromium(path) as browser:
        halves = ""
        for scheme, section in (("light", "score"), ("dark", "dialogues")):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            page.goto(f"{page_file.resolve().as_uri()}#{section}")
            page.wait_for_selector("body[data-drawn]")
            page.locator(f"#{section}").evaluate("section => section.scrollIntoView()")
            half = base64.b64encode(page.screenshot()).decode("ascii")
            halves += f'<img src="data:image/png;base64,{half}">'
        both = browser.new_page(viewport=SIZE | {"width": 2 * SIZE["width"] + GAP})
        both.set_content(f'<body style="margin:0;display:flex;gap:{GAP}px">{halves}')
        both.screenshot(path=picture)


def main() -> None:
    """Take the picture of the page that is there."""
    parser = argparse.ArgumentParser(prog="python -m tests.page.pictures", description=__doc__)
    parser.add_argument("page", nargs="?", type=Path, default=Path("metrics/report.html"))
    page = existing(parser.parse_args().page, made_by="dvc repro report")
    path = find_browser()
    if path is None:
        raise UserError("there is no Chromium to look with; install it: apt-get install chromium")
    take(path, page, PICTURE)
    say(f"pictures: {PICTURE}")


if __name__ == "__main__":
    run(main)
