"""Take the README's pictures of metrics/report.html: python -m tests.page.pictures."""

import argparse
import base64
from pathlib import Path
from typing import TYPE_CHECKING

from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.files import existing
from stages.command.progress import say
from tests.page.browser import chromium, find_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PICTURE, SEARCH = Path("docs/report.png"), Path("docs/search.png")
SIZE = {"width": 1280, "height": 860}
SEARCH_SIZE = {"width": 1040, "height": 1090}
GAP = 24


def opened(browser: "Browser", page_file: Path, section: str, *, scheme: str) -> "Page":
    """Return the page in a window that begins with a section."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    page.goto(f"{page_file.resolve().as_uri()}#{section}")
    page.wait_for_selector("body[data-drawn]")
    page.locator(f"#{section}").evaluate("section => section.scrollIntoView()")
    return page


def take(browser: "Browser", page_file: Path) -> None:
    """Save two windows side by side: the score in the light, the dialogues in the dark."""
    halves = ""
    for scheme, section in (("light", "score"), ("dark", "dialogues")):
        page = opened(browser, page_file, section, scheme=scheme)
        half = base64.b64encode(page.screenshot()).decode("ascii")
        halves += f'<img src="data:image/png;base64,{half}">'
    both = browser.new_page(viewport=SIZE | {"width": 2 * SIZE["width"] + GAP})
    both.set_content(f'<body style="margin:0;display:flex;gap:{GAP}px">{halves}')
    both.screenshot(path=PICTURE)


def take_search(browser: "Browser", page_file: Path) -> bool:
    """Save the section of the search; return whether the page has one."""
    page = opened(browser, page_file, "search", scheme="light")
    if not page.locator("[data-chart=history]").count():
        return False
    page.set_viewport_size(SEARCH_SIZE)
    page.locator("#search").evaluate("section => section.scrollIntoView()")
    page.screenshot(path=SEARCH)
    return True


def main() -> None:
    """Take the pictures of the page that is there, of its search only if it has one."""
    parser = argparse.ArgumentParser(prog="python -m tests.page.pictures", description=__doc__)
    parser.add_argument("page", nargs="?", type=Path, default=Path("metrics/report.html"))
    page = existing(parser.parse_args().page, made_by="dvc repro report")
    path = find_browser()
    if path is None:
        raise UserError("there is no Chromium to look with; install it: apt-get install chromium")
    PICTURE.parent.mkdir(exist_ok=True)
    with chromium(path) as browser:
        take(browser, page)
        searched = take_search(browser, page)
    say(f"pictures: {PICTURE}{f' and {SEARCH}' if searched else ''}")


if __name__ == "__main__":
    run(main)
