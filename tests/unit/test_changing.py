"""docs/changing.md names what exists."""

import re
from pathlib import Path

import pytest
from tests.infrastructure.test_imports import MAY_IMPORT

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "changing.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TOP = "|".join(path.name for path in ROOT.iterdir() if not path.name.startswith("."))
STORIES = ("One request in ten files", "One correction to the live version, in ten files")


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


@pytest.mark.parametrize("title", STORIES)
def test_a_story_takes_ten_files(title: str) -> None:
    files = re.findall(r"^\d+\. `([^`]+)`", section(title), re.MULTILINE)

    assert len(files) == len(set(files)) == 10
    assert all((ROOT / file).is_file() for file in files)


@pytest.mark.parametrize(
    "name", ["FEATURES", "RECIPE", "wrong_cost", "lex_threshold", "LexThreshold", "Sizes", "VersionDescription", "Overrides"]
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
