"""Take the README's pictures of the report, and of a demo that runs.

python -m tests.page.pictures                               docs/report.png, docs/search.png
python -m tests.page.pictures --demo http://127.0.0.1:7860  docs/demo.png
"""

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

PICTURE, SEARCH, DEMO = (Path(f"docs/{name}.png") for name in ("report", "search", "demo"))
SIZE = {"width": 1280, "height": 860}
SEARCH_SIZE = {"width": 1040, "height": 1260}
DEMO_SIZE = {"width": 1200, "height": 800}
GAP = 24


def opened(
    browser: "Browser", page_file: Path, section: str, *, scheme: str, language: str
) -> "Page":
    """Return the page in a window that begins with a section."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    page.goto(f"{page_file.resolve().as_uri()}#{section}")
    page.wait_for_selector("body[data-drawn]")
    if page.locator("html").get_attribute("lang") != language:
        page.click("#language")
        page.wait_for_selector("body[data-drawn]")
        page.mouse.click(0, 0)  # so that no button has the focus
    page.locator(f"#{section}").evaluate("section => section.scrollIntoView()")
    return page


def take(browser: "Browser", page_file: Path) -> None:
    """Save two windows: the score, light and in English, the dialogues, dark and in Korean."""
    halves = ""
    for scheme, section, language in (("light", "score", "en"), ("dark", "dialogues", "ko")):
        page = opened(browser, page_file, section, scheme=scheme, language=language)
        half = base64.b64encode(page.screenshot()).decode("ascii")
        halves += f'<img src="data:image/png;base64,{half}">'
    both = browser.new_page(viewport=SIZE | {"width": 2 * SIZE["width"] + GAP})
    both.set_content(f'<body style="margin:0;display:flex;gap:{GAP}px">{halves}')
    both.screenshot(path=PICTURE)


def take_search(browser: "Browser", page_file: Path) -> bool:
    """Save the section of the search; return whether the page has one."""
    page = opened(browser, page_file, "search", scheme="light", language="en")
    if not page.locator("[data-chart=history]").count():
        return False
    page.set_viewport_size(SEARCH_SIZE)
    page.locator("#search").evaluate("section => section.scrollIntoView()")
    page.screenshot(path=SEARCH)
    return True


def take_demo(browser: "Browser", address: str) -> None:
    """Save what the demo makes of its first example, in English, with a pointer on a mark."""
    page = browser.new_page(viewport=DEMO_SIZE, color_scheme="light")
    page.goto(address)
    page.locator("#language label", has_text="English").click()
    page.locator("#dialogue + * button, .gallery-item, .gallery button").first.click()
    page.wait_for_function("document.querySelector('#dialogue textarea').value !== ''")
    page.locator("#summarize").click()
    page.locator("#shown .model .summary [data-mark]").nth(2).hover()
    page.screenshot(path=DEMO, full_page=True)


def main() -> None:
    """Take the pictures of the page that is there, of its search only if it has one."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.page.pictures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("page", nargs="?", type=Path, default=Path("metrics/report.html"))
    parser.add_argument("--demo", metavar="ADDRESS", help="of a running demo")
    arguments = parser.parse_args()
    path = find_browser()
    if path is None:
        raise UserError("there is no Chromium to look with; install it: apt-get install chromium")
    PICTURE.parent.mkdir(exist_ok=True)
    if arguments.demo:
        with chromium(path) as browser:
            take_demo(browser, arguments.demo)
        say(f"pictures: {DEMO}")
        return
    page = existing(arguments.page, made_by="dvc repro report")
    with chromium(path) as browser:
        take(browser, page)
        searched = take_search(browser, page)
    say(f"pictures: {PICTURE}{f' and {SEARCH}' if searched else ''}")


if __name__ == "__main__":
    run(main)
