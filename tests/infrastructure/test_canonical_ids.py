"""The catalogue, the synonyms, the profile's mapping and its schema name the same ids. Adding an id means adding it to each."""

import json

import pytest
from tests.infrastructure.conftest import ROOT

from fieldwise_backend.flatten.mapping import CALL, shipped_mapping
from fieldwise_backend.profile.schema import Profile
from fieldwise_common.canonical import catalogue
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.steps.context import SHIPPED_DATA

ROWS = catalogue()
SYNONYMS = ids_of(load_canonical(SHIPPED_DATA / "canonical"))
MAPPING = shipped_mapping()


@pytest.mark.parametrize("canonical", sorted({*ROWS, *SYNONYMS, *MAPPING}))
def test_an_id_is_in_all_of_its_places(canonical: str) -> None:
    assert canonical in ROWS, f"{canonical} has no row in canonical.toml"
    assert canonical in SYNONYMS, f"{canonical} has no synonym in data/canonical"
    is_filled = not ROWS[canonical].secret and not ROWS[canonical].is_negative
    assert (canonical in MAPPING) is is_filled, (
        f"{canonical} {'has no line' if is_filled else 'is never filled, but has a line'} in mapping.toml"
    )


@pytest.mark.parametrize("source", sorted({source for sources in MAPPING.values() for source in sources if not source.endswith(CALL)}))
def test_every_source_is_a_place_in_the_profile(source: str) -> None:
    schema = Profile.model_json_schema()
    place = schema
    for step in source.split("."):
        place = schema["$defs"][place["$ref"].rpartition("/")[2]] if "$ref" in place else place
        place = place["items"] if step.isdigit() and "items" in place else place["properties"].get(step)
        assert place is not None, f"{source}: the profile's schema has no {step}"


@pytest.mark.parametrize("canonical", sorted(canonical for canonical, row in ROWS.items() if row.list))
def test_an_id_of_a_list_takes_its_value_from_the_lists_entries(canonical: str) -> None:
    others = {row.list for row in ROWS.values() if row.list} - {ROWS[canonical].list}

    assert getattr(Profile(), str(ROWS[canonical].list)) == ()
    assert not [source for source in MAPPING[canonical] if source.split(".")[0] in others]


def test_a_value_of_a_lists_entry_is_of_an_id_of_that_list() -> None:
    of_lists = {(source.split(".")[0], canonical) for canonical, sources in MAPPING.items() for source in sources if ".0." in source}

    assert {(name, canonical) for name, canonical in of_lists if ROWS[canonical].list != name} <= {("job_preferences", "language")}


def test_every_topic_has_its_words() -> None:
    known = json.loads((ROOT / "functions/inference/fieldwise_inference/fill/choices/equivalents.json").read_text("utf-8"))

    assert {topic for row in ROWS.values() for topic in row.topics} | {"yes-no"} == known.keys()
