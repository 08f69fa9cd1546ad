"""dvc.yaml says what the code does: commands, dependencies, params, outputs."""

import ast
import graphlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import paths
from stages.params import Params

ROOT = Path(__file__).resolve().parents[1]
DVC: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
STAGES: dict[str, dict[str, Any]] = DVC["stages"]


ORDER = (
    ("command",),
    ("params", "paths"),
    ("params_file",),
    ("charts", "dialogue", "rouge"),
    ("chats", "corpus", "leaks", "scoring"),
    ("submission",),
    ("model",),
    ("experiments",),
    ("comparison",),
    ("workers",),
    ("search",),
    ("page",),
    ("demo_page",),
)
"""Folders, and the three files that all of them may use: each imports only what stands above it."""
RUNS_STAGES = ("stages/score.py", "stages/workers/worker.py")
"""What calls a stage's own functions, beside the stage: the same numbers and the same files."""


def imports(path: Path) -> set[Path]:
    """Return the project's modules that a module imports or starts, wherever in it that stands.

    `from stages.x import y` names the module y where there is one; `python -m stages.x` is started
    where a string is nothing but `stages.x`.
    """
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stages":
            names = [f"{node.module}.{alias.name}" for alias in node.names] + [str(node.module)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value] if re.fullmatch(r"stages(\.\w+)+", node.value) else []
        files = (ROOT / f"{name.replace('.', '/')}.py" for name in names)
        found |= {file for file in files if file.is_file()}
    return found - {path}


def closure(path: Path) -> set[Path]:
    """Return all modules of the project that running `path` can load, itself included."""
    found: set[Path] = set()
    waiting = {path}
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= imports(module) - found
    return found


def unit(path: Path) -> str:
    """Return the folder of stages/ in which a module stands, or the module itself: `model`."""
    return path.relative_to(ROOT / "stages").parts[0].removesuffix(".py")


MODULES = [path for path in sorted((ROOT / "stages").rglob("*.py")) if path.name != "__init__.py"]


def dependencies(stage: str) -> set[str]:
    return set(STAGES[stage]["deps"])


def outputs(stage: str) -> set[str]:
    return {
        path for out in STAGES[stage]["outs"] for path in ([out] if isinstance(out, str) else out)
    }


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_the_module_of_its_name_and_says_what_it_does(stage: str) -> None:
    assert STAGES[stage]["cmd"] == f"python -m stages.{stage}"
    assert STAGES[stage]["desc"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_exactly_the_files_and_folders_of_the_code_that_it_loads(
    stage: str,
) -> None:
    declared = {dep for dep in dependencies(stage) if dep.startswith("stages/")}
    loaded = closure(ROOT / f"stages/{stage}.py")
    used = {
        f"stages/{unit(module)}{'.py' * (module.parent == ROOT / 'stages')}" for module in loaded
    }
    assert declared == used


def test_a_training_depends_on_the_code_of_models_and_of_the_score_alone() -> None:
    folders = ("command", "dialogue", "model", "rouge")
    files = ("train.py", "params.py", "paths.py")
    code = {dep for dep in dependencies("train") if dep.startswith("stages/")}
    assert code == {f"stages/{name}" for name in (*folders, *files)}


def test_what_a_search_starts_is_among_its_dependencies() -> None:
    loaded = closure(ROOT / "stages/tune.py")
    assert {ROOT / "stages/workers/worker.py", ROOT / "stages/train.py"} <= loaded


def test_a_package_runs_nothing_but_what_stands_in_a_folder_that_stages_depend_on() -> None:
    root = ast.parse((ROOT / "stages/__init__.py").read_text(encoding="utf-8"))
    assert [type(node) for node in root.body] == [ast.Expr]  # its docstring
    folders = {unit(path) for path in MODULES if path.parent != ROOT / "stages"}
    assert all((ROOT / "stages" / folder / "__init__.py").is_file() for folder in folders)


def test_imports_go_downwards_from_folder_to_folder() -> None:
    floors = {name: floor for floor, names in enumerate(ORDER) for name in names}
    folders = {unit(path) for path in MODULES if path.parent != ROOT / "stages"}
    assert folders <= set(floors)
    upwards = [
        f"{path.relative_to(ROOT)} imports {other.relative_to(ROOT)}"
        for path in MODULES
        for other in imports(path)
        if unit(path) in floors and unit(other) != unit(path)
        if floors[unit(path)] <= floors.get(unit(other), len(ORDER))
        and path.relative_to(ROOT).as_posix() not in RUNS_STAGES
    ]
    assert upwards == []


def test_what_can_be_run_imports_nothing_that_can_be_run() -> None:
    floors = {name for names in ORDER for name in names}
    found = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if any(unit(other) not in floors for other in imports(path))
    }
    assert found == set(RUNS_STAGES)


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = graphlib.TopologicalSorter({path: imports(path) for path in MODULES})
    assert len(list(order.static_order())) == len(MODULES)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_names_only_params_that_the_schema_has(stage: str) -> None:
    for name in STAGES[stage]["params"]:
        section: Any = Params
        for part in name.split("."):
            assert part in section.model_fields, name
            section = section.model_fields[part].annotation


@pytest.mark.parametrize("stage", STAGES)
def test_every_path_that_a_stage_names_is_a_dependency_or_an_output(stage: str) -> None:
    used = {
        str(getattr(paths, alias.name))
        for node in ast.walk(ast.parse((ROOT / f"stages/{stage}.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "stages.paths"
        for alias in node.names
    }
    assert used
    # Of a stopped training, and a copy of metrics/tune; ignored by Git.
    undeclared = {str(paths.CHECKPOINTS), str(paths.LAST_SEARCH)}
    declared = dependencies(stage) | outputs(stage)
    assert used - undeclared <= declared


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_paths_of_the_project_stand_in_one_file(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    written = [
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Path" and call.args
        if isinstance(call.args[0], ast.Constant)
        if str(call.args[0].value).startswith(("data/", "models/", "metrics/"))
    ]
    assert bool(written) == (path.name == "paths.py")


def test_every_output_is_cached_or_the_run_cache_would_be_off_for_its_stage() -> None:
    """A search is repeated by its study, which trains nothing twice."""
    special = [out for stage in STAGES.values() for out in stage["outs"] if isinstance(out, dict)]
    assert special == [{"metrics/tune": {"persist": True}}]


def test_metrics_and_plots_are_outputs_of_stages() -> None:
    outs = {out for stage in STAGES for out in outputs(stage)}
    shown = set(DVC["metrics"]) - {"metrics/noise.json"}
    for plot in DVC["plots"]:
        ((_, settings),) = plot.items()
        shown |= set(settings["y"])
    assert all(any(path == out or path.startswith(f"{out}/") for out in outs) for path in shown)


def test_what_the_model_registry_sees_is_what_a_training_writes() -> None:
    registered = {name: one["path"] for name, one in DVC["artifacts"].items()}
    assert registered == {"summarizer": str(paths.SUMMARIZER)}
    assert set(registered.values()) <= set(STAGES["train"]["outs"])


def test_no_training_depends_on_generate() -> None:
    assert [s for s in STAGES if "generate" in STAGES[s]["params"]] == [
        *("evaluate", "predict"),
        "report",  # tells whether the winner of a search was promoted
    ]


def test_no_source_file_names_a_place_of_some_machine() -> None:
    wanted = re.compile(r"/(?:home|root|work|Users)/\w")
    sources = [path for path in (ROOT / "stages").rglob("*.py") if wanted.search(path.read_text())]
    assert sources == []
