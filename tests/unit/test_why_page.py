"""The explanations that docs/why.md shows are of the forms that it names."""

import re
from pathlib import Path

import pytest
from tools.why.asked import of_file
from tools.why.page import described

from fieldwise_common.canonical import catalogue
from fieldwise_inference.classify.ranker.features import LAYOUTS
from fieldwise_inference.classify.why.view_effects import AFTER, BEFORE, NEAREST, REST, VIEW_OF

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "why.md").read_text("utf-8")
SHOWN = re.findall(r"\$ make why FORM=(examples/\S+) FIELD=(\d+)\n```\n\n```\n(.*?)```", PAGE, re.DOTALL)


def views() -> set[str]:
    """Every view of every layout."""
    columns = ((array, name) for layout in LAYOUTS.values() for array in ("views", "lexical", "shape") for name in getattr(layout, array))
    return {VIEW_OF.get(column, column[1]) for column in columns} | {BEFORE, AFTER, REST, NEAREST}


def test_three_decisions_are_shown() -> None:
    assert len(SHOWN) == 3


@pytest.mark.parametrize(("form", "field", "output"), SHOWN)
def test_an_example_is_of_the_field_that_it_names(form: str, field: str, output: str) -> None:
    asked = of_file(str(ROOT / form), int(field))
    first, second, _ = output.split("\n", 2)

    assert first == described(asked)
    assert second.endswith(f"; the truth is {asked.truth}")


@pytest.mark.parametrize(("form", "field", "output"), SHOWN)
def test_its_sentences_quote_the_form_and_name_ids_and_views_that_exist(form: str, field: str, output: str) -> None:
    sent = of_file(str(ROOT / form), int(field)).request.model_dump_json()
    sentences = [line for line in output.splitlines() if line.startswith("- ")]

    quoted = [part for text in re.findall(r"“(.*?)”", "".join(sentences)) for part in text.split(", ")]
    name = r"([a-z][a-z0-9-]+)[;): ]"
    named = re.findall(rf"(?:known to mean|; for|\(for|spoke most for|is matched to|Second came) {name}", "".join(sentences))
    listed = {view for row in re.findall(r"│ [+−] │ (.*?) +│", output) for view in row.split(", ")}

    assert quoted
    assert all(text in sent for text in quoted)
    assert {name for name in named if name not in {"an", "leaving"}} <= {name.removeprefix("none:") for name in catalogue()}
    assert listed <= views()


def test_every_view_is_explained() -> None:
    [paragraph] = re.findall(r"\*\*A view\*\*(.*?)\n- \*\*", PAGE, re.DOTALL)

    assert views() <= set(re.findall(r"`(\w+)`", paragraph))
