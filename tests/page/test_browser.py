"""The page in a real browser: Debian's Chromium, driven by Playwright."""

import re
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stages import paths, report
from tests.conftest import DIALOGUES, tiny_params, write_params, write_project
from tests.page.browser import Watched, find_browser
from tests.page.scored_project import (
    Case,
    write_comparison,
    write_dev,
    write_search,
    write_training,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright", reason="playwright is not installed: pip install '.[test]'")
pytestmark = pytest.mark.skipif(
    find_browser() is None, reason="there is no Chromium: apt-get install chromium"
)

ATTACK = "window.attacked = true"
HOSTILE = Case(
    f"#Person1#: <script>{ATTACK}</script>\n#Person2#: <img src=x onerror='{ATTACK}'>",
    f"<!--<script>{ATTACK}</script>--> 적대적입니다.",
    f"</script><script>{ATTACK}</script><svg onload='{ATTACK}'>",
    f"<iframe srcdoc='<script>parent.{ATTACK}</script>'>",
)
COPIES = 3


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of 37 dialogues: each invented one three times, and a hostile one."""
    folder = tmp_path_factory.mktemp("report")
    topics = ["병원 진료" if "아프" in dialogue else "일상" for dialogue, _ in DIALOGUES]
    cases = [
        Case(f"{dialogue}\n#Person1#: {copy}번째.", summary, DIALOGUES[i - copy][1], topics[i])
        for copy in range(COPIES)
        for i, (dialogue, summary) in enumerate(DIALOGUES)
    ]
    with chdir(folder):
        write_project()
        write_params(tiny_params("report.language", "en"))
        write_dev([*cases, HOSTILE])
        write_training()
        write_search(reason=f"<script>{ATTACK}</script>")
        write_comparison(f"<script>{ATTACK}</script>", "main", "'; window.attacked = true; '")
        report.main()
    return folder / paths.REPORT


class Report(Watched):
    """The page with its charts drawn."""

    def __init__(self, browser: "Browser", file: Path, **settings: Any) -> None:
        super().__init__(browser, file.as_uri(), **settings)
        self.page.wait_for_selector("body[data-drawn]", state="attached")

    def found(self) -> str:
        return self.page.inner_text("#found")

    def scores(self) -> list[float]:
        return [float(text) for text in self.page.locator(".dialogue .score").all_inner_texts()]


@pytest.fixture
def opened(browser: "Browser", page_file: Path) -> Iterator[Report]:
    watched = Report(browser, page_file, viewport={"width": 1280, "height": 900})
    yield watched
    watched.page.close()
    assert watched.complaints == []


def test_it_opens_without_a_complaint_or_a_request(opened: Report) -> None:
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    places = opened.page.locator("[data-chart]").count()
    assert places == 11
    assert opened.page.locator("[data-chart] svg").count() == places
    assert opened.found().startswith("37 of 37 dialogues, mean score ")


def test_a_search_finds_the_dialogues_with_all_its_words(opened: Report) -> None:
    opened.page.fill("[name=query]", "기차 있나요")
    assert opened.found().startswith(f"{COPIES} of 37 dialogues")
    assert opened.page.locator(".dialogue").count() == COPIES
    opened.page.fill("[name=query]", "없는말")
    assert opened.found() == "No dialogue is like that."
    opened.page.click("text=Clear")
    opened.page.locator(".dialogue").nth(COPIES).wait_for()
    assert opened.found().startswith("37 of 37 dialogues")


def test_slices_and_errors_filter(opened: Report) -> None:
    opened.page.select_option("[name=topic]", "treatment")
    assert opened.found().startswith(f"{COPIES} of 37 dialogues")
    opened.page.click("[data-filter=error][data-value=unknown_number]")
    chosen = opened.page.locator(".dialogue")
    assert chosen.count() > 0
    assert opened.page.locator(".dialogue", has_text="Unknown number").count() == chosen.count()
    assert opened.page.input_value("[name=topic]") == ""  # the button asks for these alone
    assert opened.page.evaluate("document.activeElement.name") == "error"


def test_dialogues_come_in_order_and_no_more_than_asked_for(opened: Report) -> None:
    worst = opened.scores()
    assert worst == sorted(worst)
    assert len(worst) == 20
    opened.page.click("#more")
    assert len(opened.scores()) == 37
    assert opened.page.locator("#more").is_hidden()
    opened.page.select_option("[name=order]", "best")
    best = opened.scores()
    assert best == sorted(best, reverse=True)
    assert best[0] > worst[0]


def test_reference_and_prediction_stand_side_by_side_with_marks(opened: Report) -> None:
    opened.page.fill("[name=query]", "dev_12")
    one = opened.page.locator(".dialogue")
    left, right = one.locator(".texts > div").all()
    assert left.locator("p").inner_text() == DIALOGUES[0][1]
    assert right.locator("p").inner_text() == DIALOGUES[-1][1]
    assert left.bounding_box()["y"] == right.bounding_box()["y"]  # type: ignore[index]
    assert right.locator("mark").all_inner_texts() == ["는", "."]
    one.locator("summary").click()
    one.locator("dt").nth(2).wait_for()  # `toggle`, which brings the turns, comes after the click
    assert one.locator("dt").all_inner_texts() == ["#Person1#", "#Person2#", "#Person1#"]
    colors = [
        tag.evaluate("tag => getComputedStyle(tag).color") for tag in one.locator("dt .tag").all()
    ]
    assert colors[0] == colors[2] != colors[1]


def test_a_hostile_dialogue_is_read_and_does_nothing(opened: Report) -> None:
    opened.page.fill("[name=query]", "dev_36")
    one = opened.page.locator(".dialogue")
    one.locator("summary").click()
    shown = one.inner_text()
    for text in (HOSTILE.reference, HOSTILE.prediction, HOSTILE.topic):
        assert text in shown
    assert f"<script>{ATTACK}</script>" in one.locator("dd").first.inner_text()
    assert one.locator("script, img, svg, iframe").count() == 0
    opened.page.hover("[data-chart=history] .mark-symbol path >> nth=0", force=True)
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.attacked") is None


def test_what_a_script_would_need_is_forbidden(browser: "Browser", page_file: Path) -> None:
    """Even if a text became markup, the policy would stop it."""
    watched = Report(browser, page_file)
    watched.page.evaluate(
        "code => { const script = document.createElement('script'); script.textContent = code;"
        " document.body.append(script); document.body.insertAdjacentHTML('beforeend',"
        " `<img src=x onerror='${code}'>`); }",
        ATTACK,
    )
    watched.page.wait_for_timeout(200)
    assert watched.page.evaluate("window.attacked") is None
    assert any("Content Security Policy" in complaint for complaint in watched.complaints)
    watched.page.close()


def test_trials_sort_by_every_column(opened: Report) -> None:
    def column(place: int) -> list[str]:
        cells = opened.page.locator(f"#search .sortable tbody tr > :nth-child({place})")
        return cells.all_inner_texts()

    assert column(2) == ["43.00", "42.50", "41.25", "40.50", "38.50", "9.75", ""]
    opened.page.click("#search .sortable th:has-text('Score') button")
    assert column(2) == ["9.75", "38.50", "40.50", "41.25", "42.50", "43.00", ""]
    assert (
        opened.page.get_attribute("#search .sortable th:has-text('Score')", "aria-sort")
        == "ascending"
    )
    opened.page.click("#search .sortable th:has-text('train.lr') button")
    rates = [float(text) for text in column(4)]
    assert rates == sorted(rates, reverse=True)


def test_experiments_sort_by_what_they_differ_by(opened: Report) -> None:
    differences = opened.page.locator("#experiments .sortable tbody tr > :nth-child(3)")
    assert differences.all_inner_texts() == ["+5.00\n+5.00…+5.00", "", ""]
    opened.page.click("#experiments .sortable button:text('ROUGE mean')")
    assert differences.all_inner_texts() == ["", "", "+5.00\n+5.00…+5.00"]
    opened.page.hover("[data-chart=compared] .mark-symbol path >> nth=0", force=True)
    opened.page.locator("#vg-tooltip-element.visible", has_text=ATTACK).wait_for()
    assert opened.page.evaluate("window.attacked") is None


def test_the_theme_follows_the_system_and_then_the_reader(
    browser: "Browser", page_file: Path
) -> None:
    def darkness(page: "Page") -> bool:
        color = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, color.removeprefix("rgb(").removesuffix(")").split(","))) < 200

    watched = Report(browser, page_file, color_scheme="dark")
    assert darkness(watched.page)
    watched.page.select_option("#theme", "light")
    assert not darkness(watched.page)
    watched.page.reload()
    assert not darkness(watched.page)
    watched.page.close()
    light = Report(browser, page_file, color_scheme="light")
    assert not darkness(light.page)
    light.page.close()


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_never_scrolls_sideways(
    browser: "Browser", page_file: Path, tmp_path: Path, width: int
) -> None:
    watched = Report(browser, page_file, viewport={"width": width, "height": 800})
    for summary in watched.page.locator("summary").all():
        summary.click()
    watched.page.locator("dd").nth(40).wait_for()
    assert watched.page.evaluate("document.documentElement.scrollWidth") == width
    assert watched.page.locator("#sections").is_hidden()
    watched.page.click(".menu")
    for link in watched.page.locator("#sections a").all():
        box = link.bounding_box()
        assert box
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
    watched.page.click("#sections a:text('Errors')")
    assert watched.page.locator("#sections").is_hidden()
    table = watched.page.locator("#experiments .wide", has=watched.page.locator("table"))
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")  # p and seconds in sight
    watched.page.screenshot(path=tmp_path / "phone.png", full_page=True)
    assert watched.complaints == []
    watched.page.close()


def test_the_comparison_fits_a_window(opened: Report) -> None:
    table = opened.page.locator("#experiments .wide", has=opened.page.locator("table"))
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")


def english_left(page: "Page") -> list[str]:
    """Return the words of Latin letters that are in sight and are no name."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.wait_for_timeout(300)
    shown = page.evaluate(SEEN)
    return [text for text in shown if WORD.search(NAMES.sub("", text))]


SEEN = """() => {
  const names = "code, [lang=en], del, ins, .dialogue, #language, .sortable tbody th, noscript";
  const walker = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
  const found = [document.title];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest(names)) found.push(node.nodeValue);
  }
  for (const one of document.querySelectorAll("#page [aria-label], #page [placeholder]")) {
    found.push(one.ariaLabel ?? "", one.placeholder ?? "");
  }
  for (const one of document.querySelectorAll(".dialogue :is(h4, summary)")) {
    found.push(one.innerText);
  }
  return found;
}"""
NAMES = re.compile(
    r"ROUGE(-[12L])?|rouge_mean|KoBART|PED-ANOVA|params\.yaml|md5|DVC|python -m stages\.noise"
    r"|train\.\w+|\b(train|dev|test)(\.csv)?\b|tune-\w+|adafactor|sgd"
    r"|<?(script>)?.*window\.attacke.*|main",
    re.ASCII,
)
WORD = re.compile(r"[A-Za-z]{2,}")


def test_a_switch_makes_all_words_korean_and_keeps_what_was_asked(opened: Report) -> None:
    opened.page.fill("[name=query]", "기차 있나요")
    opened.page.select_option("#theme", "dark")
    opened.page.click("#language")
    opened.page.wait_for_selector("body[data-drawn]", state="attached")
    assert opened.page.evaluate("document.documentElement.lang") == "ko"
    assert opened.found().startswith(f"대화 37개 가운데 {COPIES}개")
    assert opened.page.input_value("#theme") == "dark"
    left = english_left(opened.page)
    assert left == []
    assert opened.page.locator("[data-chart] svg").count() == 11
    opened.page.click("#language")
    assert opened.found().startswith(f"{COPIES} of 37 dialogues")
    opened.page.evaluate("localStorage.clear()")


def test_everything_can_be_reached_by_keyboard(opened: Report) -> None:
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")  # skip to the dialogues
    assert opened.page.evaluate("location.hash") == "#dialogues"
    opened.page.focus("[name=query]")
    opened.page.keyboard.type("있나요")
    assert opened.found().startswith(f"{COPIES} of 37 dialogues")
    unnamed = opened.page.evaluate(
        "[...document.querySelectorAll('button, select, input, img')].filter(one =>"
        " !(one.labels?.length || one.textContent.trim() || one.ariaLabel || one.alt)).length"
    )
    assert unnamed == 0
