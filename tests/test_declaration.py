"""dvc.yaml says what the code does: commands, dependencies, params, outputs."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages.params import Params

ROOT = Path(__file__).resolve().parents[1]
DVC: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
STAGES: dict[str, dict[str, Any]] = DVC["stages"]


def imports(path: Path) -> set[Path]:
    """Return the project's modules that a module imports, wherever in it the import stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        f"{node.module}.{alias.name}" if node.module == "stages" else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stages"
        for alias in node.names
    }
    return {ROOT / f"{name.replace('.', '/')}.py" for name in names if name}


def closure(path: Path) -> set[str]:
    """Return all modules of the project that running `path` can load, itself included."""
    found: set[Path] = set()
    waiting = {path}
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= imports(module) - found
    return {module.relative_to(ROOT).as_posix() for module in found}


def dependencies(stage: str) -> set[str]:
    return set(STAGES[stage]["deps"])


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_the_module_of_its_name_and_says_what_it_does(stage: str) -> None:
    assert STAGES[stage]["cmd"] == f"python -m stages.{stage}"
    assert STAGES[stage]["desc"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_exactly_the_code_that_it_loads(stage: str) -> None:
    declared = {dep for dep in dependencies(stage) if dep.startswith("stages/")}
    modules = closure(ROOT / f"stages/{stage}.py")
    assert {dep for dep in declared if dep.endswith(".py")} == modules
    folders = {(ROOT / module).parent for module in modules} - {ROOT / "stages"}
    others = {path for folder in folders for path in folder.glob("*.*") if path.suffix != ".py"}
    assert declared - modules == {path.relative_to(ROOT).as_posix() for path in others}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_names_only_params_that_the_schema_has(stage: str) -> None:
    for name in STAGES[stage]["params"]:
        section: Any = Params
        for part in name.split("."):
            assert part in section.model_fields, name
            section = section.model_fields[part].annotation


@pytest.mark.parametrize("stage", STAGES)
def test_every_path_that_a_stage_names_is_a_dependency_or_an_output(stage: str) -> None:
    tree = ast.parse((ROOT / f"stages/{stage}.py").read_text(encoding="utf-8"))
    paths = {
        call.args[0].value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(call := node.value, ast.Call)
        if ast.unparse(call.func) == "Path" and isinstance(call.args[0], ast.Constant)
    }
    undeclared = {"models/checkpoints"}  # what a stopped training goes on from; ignored by Git
    declared = dependencies(stage) | set(STAGES[stage]["outs"])
    assert paths - undeclared <= declared


def test_every_output_is_cached_or_the_run_cache_would_be_off_for_its_stage() -> None:
    assert all(isinstance(out, str) for stage in STAGES.values() for out in stage["outs"])


def test_metrics_and_plots_are_outputs_of_stages() -> None:
    outs = {out for stage in STAGES.values() for out in stage["outs"]}
    shown = set(DVC["metrics"]) - {"metrics/noise.json"}
    for plot in DVC["plots"]:
        ((_, settings),) = plot.items()
        shown |= set(settings["y"])
    assert all(any(path == out or path.startswith(f"{out}/") for out in outs) for path in shown)


def test_only_decoding_and_scoring_depend_on_generate() -> None:
    assert [s for s in STAGES if "generate" in STAGES[s]["params"]] == ["evaluate", "predict"]


def test_no_source_file_names_a_place_of_some_machine() -> None:
    wanted = re.compile(r"/(?:home|root|work|Users)/\w")
    sources = [path for path in (ROOT / "stages").rglob("*.py") if wanted.search(path.read_text())]
    assert sources == []
