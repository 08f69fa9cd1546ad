"""The notebook of examples/ runs from its first cell to its last, in a shrunk clone."""

import csv
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.repository import commit, copy_files, dvc, git, start_git
from tests.test_pipeline import shrink

NOTEBOOK = Path("examples/yoyak.ipynb")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("노트북") / "yoyak"
    copy_files(path, without=("dvc.lock",))
    shrink(path)
    start_git(path)
    commit(path)
    return path


@pytest.fixture(scope="module")
def cells(clone: Path) -> list[Any]:
    """Return the cells of the notebook as they are after a run."""
    notebook = nbformat.read(clone / NOTEBOOK, as_version=4)
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    where = {"metadata": {"path": str((clone / NOTEBOOK).parent)}}
    NotebookClient(notebook, timeout=600, resources=where).execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def said(cells: list[Any], command: str) -> str:
    """Return what the first cell printed that runs a command."""
    cell = next(cell for cell in cells if command in cell.source)
    return "".join(output.get("text", "") for output in cell.outputs)


def test_no_command_of_the_notebook_fails(cells: list[Any]) -> None:
    faults = r"(?mi)^error:.*|^.*(?:traceback|failed to reproduce|no such file|usage:).*"
    for cell in cells:
        printed = "".join(output.get("text", "") for output in cell.outputs)
        assert re.findall(faults, printed) == [], cell.source


def test_the_notebook_leaves_experiments_a_submission_and_a_search(
    clone: Path, cells: list[Any]
) -> None:
    assert "rouge_mean" in said(cells, "dvc repro")
    assert "constant" in said(cells, "stages.compare")
    shown = said(cells, "stages.show")
    done = re.findall(r"^(\w+) +done +\d+\.\d\d +lr=(\S+)", shown, re.MULTILINE)
    assert done[-2:] == [("high", "0.002"), ("low", "0.0005")]
    *notes, summary = said(cells, "stages.summarize").splitlines()
    assert summary
    assert all(note.startswith("note: 대화.txt") for note in notes)
    assert "submission.csv" in said(cells, "stages.validate")
    with (clone / "metrics/tune/trials.csv").open(encoding="utf-8", newline="") as file:
        sources = [row["source"] for row in csv.DictReader(file)]
    assert sources.count("search") >= 1
    assert any("image/svg+xml" in output.get("data", {}) for output in cells[-1].outputs)
    assert "search" in dvc(clone, "exp", "show", "--csv")
    assert "대화.txt" not in git(clone, "status", "--short")
