"""`dvc plots show` draws its charts without a network."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.page.browser import Watched, find_browser
from tests.repository import ROOT, dvc, git, start_git

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PLOTS = """\
plots:
  - Dev score of each epoch:
      x: epoch
      y: {dev.csv: rouge_mean}
  - Score of each slice:
      template: bar_horizontal
      x: rouge_mean
      y: {slices.csv: value}
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what `dvc plots show` makes of two charts with the project's settings."""
    folder = tmp_path_factory.mktemp("plots")
    (folder / ".dvc").mkdir()
    for name in ("config", "plots.html"):
        shutil.copy(ROOT / ".dvc" / name, folder / ".dvc" / name)
    shutil.copy(ROOT / ".gitignore", folder)
    (folder / "dvc.yaml").write_text(PLOTS, encoding="utf-8")
    (folder / "dev.csv").write_text("epoch,rouge_mean\n1,20.5\n2,31.4\n", encoding="utf-8")
    (folder / "slices.csv").write_text("value,rouge_mean\n진료,40\n여행,50\n", encoding="utf-8")
    start_git(folder)
    said = dvc(folder, "plots", "show")
    assert said.strip().endswith("dvc_plots/index.html")
    assert "dvc_plots" not in git(folder, "status", "--short", "--untracked-files=all")
    return folder / "dvc_plots/index.html"


def test_the_page_is_what_make_lock_writes() -> None:
    done = subprocess.run(
        [sys.executable, "packaging/plots_page.py"], cwd=ROOT, capture_output=True, check=True
    )
    assert done.stdout == (ROOT / ".dvc/plots.html").read_bytes()


def test_the_plots_load_nothing(page: Path) -> None:
    shown = page.read_text(encoding="utf-8")
    assert re.findall(r"<(?:script|link)[^>]+(?:src|href)=", shown) == []
    assert shown.count("vegaEmbed('#") == 2
    assert json.dumps("진료") in shown


@pytest.mark.skipif(find_browser() is None, reason="there is no Chromium")
def test_a_browser_without_a_network_draws_the_plots(browser: "Browser", page: Path) -> None:
    pytest.importorskip("playwright", reason="pip install -c requirements.lock '.[test]'")
    shown = Watched(browser, page.as_uri())
    for chart in ("Dev_score_of_each_epoch", "Score_of_each_slice"):
        shown.page.wait_for_selector(
            f"#{chart} .mark-{'line' if 'epoch' in chart else 'rect'} path", state="attached"
        )
    assert shown.requests == [page.as_uri()]
