"""docs/changing.md names what exists."""

import ast
import re
from pathlib import Path

import pytest
from tests.infrastructure.test_imports import MAY_IMPORT

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "changing.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TOP = "|".join(path.name for path in ROOT.iterdir() if not path.name.startswith("."))
STORIES = ("One request, file by file", "One correction, file by file")
WIRE = "layers/common/python/fieldwise_common/wire.py"
"""Imported nearly everywhere, so it links no two files of a story."""


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


@pytest.mark.parametrize("path", sorted(set(re.findall(rf"`((?:{TOP})(?:/[^`\s]*)?)`", PAGE + CONTRIBUTING))))
def test_every_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"`make ([a-z0-9-]+)", PAGE + CONTRIBUTING))))
def test_every_verb_exists(verb: str) -> None:
    assert re.search(rf"^{verb}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("page", ["docs/changing.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    for target, anchor in re.findall(r"\]\((?!http)([^)#]+)(?:#([^)]*))?\)", (ROOT / page).read_text("utf-8")):
        linked = (ROOT / page).parent / target
        assert linked.exists(), target
        headings = re.findall(r"^#+ (.*)$", linked.read_text("utf-8"), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}, anchor


def python_files(text: str) -> list[str]:
    return [path for path in re.findall(rf"`((?:{TOP})/[^`\s]*\.py)`", text) if path != WIRE]


def module_of(file: str) -> str:
    """`functions/training/fieldwise_training/run.py` → `fieldwise_training.run`."""
    return file[file.index("fieldwise_") :].removesuffix(".py").replace("/", ".")


def imports_of(file: str) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {name for node in nodes for name in (str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names))}


def is_linked(one: str, other: str) -> bool:
    """Whether one of two files imports the other."""
    return module_of(one) in imports_of(other) or module_of(other) in imports_of(one)


@pytest.mark.parametrize("title", STORIES)
def test_a_story_takes_ten_files(title: str) -> None:
    files = re.findall(r"^\d+\. `([^`]+)`", section(title), re.MULTILINE)

    assert len(files) == len(set(files)) == 10
    assert all((ROOT / file).is_file() for file in files)


@pytest.mark.parametrize("title", STORIES)
def test_imports_link_each_file_of_a_story_to_those_before_it_unless_the_page_says_no_call(title: str) -> None:
    introduction, first, *others = re.split(r"^(?=\d+\. )", section(title), flags=re.MULTILINE)
    linked = {*python_files(introduction), *python_files(first)}

    for item in others:
        file, *on_the_way = python_files(item)
        bridges = {path for path in on_the_way if any(is_linked(path, before) for before in linked)}
        assert "No call" in item or any(is_linked(file, before) for before in linked | bridges), file
        linked |= {file, *on_the_way}


@pytest.mark.parametrize(
    "name",
    [
        *("FEATURES", "RECIPE", "wrong_cost", "lex_threshold", "LexThreshold", "Overrides", "topics", "_PROMPTS", "Answer", "BY_ANSWER"),
        *("Sizes", "VersionDescription", "DEFAULTS", "USED_BY", "ParameterGroups", "Events", "CONTRACT", "MODEL_PROBLEMS", "error_of"),
    ],
)
def test_every_name_is_in_a_file_of_its_row(name: str) -> None:
    [row] = [line for line in section("Where to change what").splitlines() if f"`{name}`" in line]
    paths = [ROOT / path for path in re.findall(rf"`((?:{TOP})(?:/[^`\s]*)?)`", row)]

    assert any(re.search(rf"\b{name}\b", path.read_text("utf-8")) for path in paths if path.is_file())


def test_the_imports_of_each_folder_are_those_that_are_tested() -> None:
    package_of = {
        "layers/common": "fieldwise_common",
        "functions/backend": "fieldwise_backend",
        "functions/inference": "fieldwise_inference",
        "functions/training": "fieldwise_training",
        "infra/local": "local",
        "tools": "tools",
    }
    rows = re.findall(r"^\| `([^`]+)` \| .* \| ([^|]*) \|$", section("The layout"), re.MULTILINE)

    shown = {
        package_of[folder]: {f"fieldwise_{name}" for name in re.findall(r"common|backend|inference|training", allowed)}
        for folder, allowed in rows
        if folder in package_of
    }

    assert shown == MAY_IMPORT


def test_the_glossary_explains_each_term_once() -> None:
    first_cells = re.findall(r"^\| (\*\*.+?) \|", section("Glossary"), re.MULTILINE)
    terms = [term for cell in first_cells for term in re.findall(r"\*\*(.+?)\*\*", cell)]

    assert len(terms) > 40
    assert sorted(terms) == sorted(set(terms))
