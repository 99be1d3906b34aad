"""What the benchmarks' README names exists, and every benchmark is in it."""

import re
from pathlib import Path

from benchmarks.shared.forms import read_truth

ROOT = Path(__file__).parents[3]
README = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
RECIPES = dict(re.findall(r"^([a-z0-9-]+):.*##.*\n((?:\t.*\n?)+)", MAKEFILE, re.MULTILINE))
"""Each verb's commands."""


def test_the_verbs_and_their_options_are_those_of_the_makefile() -> None:
    commands = re.findall(r"`make ([a-z0-9-]+)([^`]*)`", README)

    assert commands
    for verb, options in commands:
        assert verb in {*RECIPES, "help"}
        assert [name for name in re.findall(r"([A-Z0-9_]+)=", options) if f"$({name})" not in RECIPES[verb]] == []


def test_every_verb_that_runs_a_benchmark_is_in_it() -> None:
    benchmarks = {verb for verb, commands in RECIPES.items() if "-m benchmarks." in commands}

    assert len(benchmarks) > 4
    assert benchmarks == set(re.findall(r"\| `make ([a-z0-9-]+)", README))


def test_every_option_it_explains_is_one_of_a_benchmark() -> None:
    options = set(re.findall(r"`([A-Z][A-Z0-9_]+)=?[^`]*`", README))

    assert options
    assert [name for name in options if not any(f"$({name})" in commands for commands in RECIPES.values())] == []


def test_every_path_it_names_exists_and_every_part_of_the_folder_is_named() -> None:
    paths = set(re.findall(r"`((?:benchmarks|functions)/[^`]+)`", README))
    parts = {f"benchmarks/{path.name}" for path in (ROOT / "benchmarks").iterdir() if path.name[0] not in "._"}

    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert parts - paths == {"benchmarks/README.md"}


def test_every_file_of_a_row_is_in_that_rows_folder() -> None:
    rows = re.findall(r"^\| `(benchmarks/\w+)` \| (.*) \|$", README, re.MULTILINE)

    assert rows
    for folder, text in rows:
        assert [name for name in re.findall(r"`(\w+\.py|arm64-root|empty/)`", text) if not (ROOT / folder / name).exists()] == []


def test_no_benchmark_imports_another() -> None:
    for path in (ROOT / "benchmarks").rglob("*.py"):
        own = path.relative_to(ROOT / "benchmarks").with_suffix("").parts[0]
        imported = set(re.findall(r"^\s*from benchmarks\.(\w+)", path.read_text("utf-8"), re.MULTILINE))
        assert imported <= {own, "shared"}, path


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README):
        assert (ROOT / "benchmarks" / target).exists(), target


def test_the_line_of_a_truth_file_it_shows_is_one(tmp_path: Path) -> None:
    [line] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    (tmp_path / "forms.jsonl").write_text(line, "utf-8")

    [[field]] = read_truth(tmp_path / "forms.jsonl").forms

    assert field.truth == "email"
