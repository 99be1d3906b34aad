"""The evidence of one form, as it must stay for as long as its features have this number.

A failure here means that published rankers would be fed other numbers than they were trained on. If that is what you want:
raise `FEATURES` in classify/ranker/features.py, go on computing the number before it, and record the digest of the new one.
"""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from tests.support.deciding import FlatIndex, WordEncoder
from tests.support.tiny_ranker import arrays_of, settings_of, write_ranker

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.evidence import Evidence, gather
from fieldwise_inference.classify.ranker.features import FEATURES, LEXICAL_COLUMNS
from fieldwise_inference.classify.ranker.model import load_ranker
from fieldwise_inference.classify.ranker.weights import EARLIER_NAMES
from fieldwise_inference.classify.thresholds import Thresholds

DIGESTS = {
    1: "3dea29158282a4ba02c4278e7bf17d86dd19ce6bf15c4e979f438eb1bcb544f0",
    2: "3682251f0fd11571c20ae5eba3d719497aa6123a8b1e33555d1a01b888dc1a9b",
}
"""By number; what is no longer computed is no longer recorded."""

FORM = (
    {"label": "First name *", "name": "ctl00$Main$txtBillFirstName", "type": "text", "maxlength": 40},
    {"label": "Prénom (facultatif)", "name": "prenom", "id": "input-1234", "required": True},
    {"label": "E-mail", "placeholder": "you@example.com", "name": "contact[email]", "type": "email"},
    {"label": "電話番号【必須】", "name": "tel1", "type": "tel", "maxlength": 4},
    {"label": "電話番号【必須】", "name": "tel2", "type": "tel", "maxlength": 4},
    {"label": "Date of birth", "name": "dob_mm", "type": "select-one", "options": [f"{month:02}" for month in range(1, 13)]},
    {"label": "Date of birth", "name": "dob_dd", "type": "select-one", "options": [str(day) for day in range(1, 32)]},
    {"aria_label": "Country/Region", "id": "shippingCountry", "type": "listbox", "options": [["DE", "Germany"], ["FR", "France"]]},
    {"placeholder": "Straße und Hausnummer", "id": "a1b2c3d4e5", "pattern": ".{3,}"},
    {"label": "Emial adress", "name": "mail"},
    {"label": "Your full legal name", "type": "text"},
    {"label": "Anything", "autocomplete": "shipping tel", "type": "text"},
    {"label": "I agree to the terms", "name": "tos", "type": "checkbox"},
    {},
)
LEXICON = Lexicon(
    exact={
        "first name": "given-name",
        "e mail": "email",
        "email address": "email",
        "mail": "email",
        "country": "country",
        "date of birth": "bday",
        "i agree to the terms": "none:consent",
    },
)
VERSION = LoadedVersion("embeddings_v20260101T000000Z-000000", WordEncoder(), FlatIndex(), LEXICON, Thresholds(lexical=0.8))
IDS = ("bday", "country", "email", "given-name", "name", "none:consent", "street-address", "tel")


def evidence(features: int) -> Evidence:
    """What a ranker trained on these features is fed, by the same way as in a request."""
    views = [FieldView(FieldDescriptor.model_validate({"selector": f"#f{place}", **field})) for place, field in enumerate(FORM)]
    found = candidates(VERSION, views, certain(views, LEXICON))
    return gather(views, found, LEXICON, {canonical: number for number, canonical in enumerate(IDS, start=1)}, features)


def digest(shown: Evidence) -> str:
    arrays = [*(array for bag in shown.bags for array in (bag.buckets, bag.counts)), shown.lexical, shown.near, shown.shape]
    plain = [np.ascontiguousarray(array, "<i8").tobytes() for array in arrays]
    nearness = np.round(shown.nearness.astype(np.float64), 4).astype("<f8").tobytes()
    return hashlib.sha256(b"".join([*plain, nearness])).hexdigest()


def test_every_feature_number_has_a_digest() -> None:
    assert DIGESTS.keys() == LEXICAL_COLUMNS.keys()
    assert max(LEXICAL_COLUMNS) == FEATURES


@pytest.mark.parametrize("features", DIGESTS)
def test_the_evidence_of_each_feature_number_is_unchanged(features: int) -> None:
    assert digest(evidence(features)) == DIGESTS[features]


@pytest.mark.parametrize("features", LEXICAL_COLUMNS)
def test_a_ranker_of_each_number_is_served(features: int, tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS, features)

    ranker = load_ranker(tmp_path / "ranker.json", tmp_path / "ranker.npz")

    assert ranker.probabilities(evidence(features)).shape == (len(FORM), len(ranker.settings.classes))


def test_a_ranker_from_before_the_number_is_one_of_features_1(tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS, features=1)
    settings = tmp_path / "ranker.json"
    settings.write_text(settings.read_text().replace('"features":1,', ""))
    arrays = arrays_of(settings_of(IDS, features=1))
    earlier = {f"0.{old}": arrays.pop(f"0.{new}") for new, old in EARLIER_NAMES.items()}
    np.savez(tmp_path / "ranker.npz", **arrays, **earlier)  # type: ignore[arg-type]

    assert load_ranker(settings, tmp_path / "ranker.npz").settings.features == 1


@pytest.mark.parametrize("features", [0, FEATURES + 1])
def test_a_ranker_of_features_that_are_not_computed_is_refused_by_name(features: int, tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS)
    settings = tmp_path / "ranker.json"
    settings.write_text(settings.read_text().replace(f'"features":{FEATURES}', f'"features":{features}'))

    with pytest.raises(CorruptVersion, match=rf"ranker\.json: trained on features {features}, but this code computes 1 and 2"):
        load_ranker(settings, tmp_path / "ranker.npz")


def test_a_ranker_whose_weights_are_of_other_features_is_refused(tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS, features=1)
    settings = tmp_path / "ranker.json"
    settings.write_text(settings.read_text().replace('"features":1', '"features":2'))

    with pytest.raises(CorruptVersion, match=r"ranker\.npz does not fit ranker\.json"):
        load_ranker(settings, tmp_path / "ranker.npz")
