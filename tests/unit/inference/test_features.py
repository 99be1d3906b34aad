"""The evidence of one form, as it must stay for as long as its features have this number.

A failure here means that published rankers would be fed other numbers than they were trained on. If that is what you want:
raise `FEATURES` in classify/ranker/features.py, go on computing the number before it, and record the digest of the new one.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from tests.support.deciding import FlatIndex, WordEncoder
from tests.support.tiny_ranker import write_ranker

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.form_place import PLACES
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.option_kinds import KINDS
from fieldwise_inference.classify.ranker.candidates import candidates
from fieldwise_inference.classify.ranker.evidence import Candidates, Evidence, gather
from fieldwise_inference.classify.ranker.features import FEATURES, LAYOUTS
from fieldwise_inference.classify.ranker.model import load_ranker
from fieldwise_inference.classify.ranker.ngrams import bags
from fieldwise_inference.classify.thresholds import Thresholds

DIGESTS = {
    3: "a21c0befe174fc3926a191919ecfe617232201cce13df8d5ea47de6a6c6ad485",
    4: "1b8072c52f96f8a9bb50f3a61d0f9ca2cc46c81024814b52ea8ef25226737894",
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
SURROUNDED = (
    {"label": "First name", "name": "spouse_first", "section": "Your spouse", "form": "application-form"},
    {"label": "no-label", "name": "spouseMail", "section": "Your spouse", "nearby": "E-mail", "title": "Fill this in"},
    {"label": "Anything", "autocomplete": "shipping tel", "section": "Delivery", "described_by": "First name"},
    {"label": "Yes", "name": "moved", "type": "radio", "group": "Date of birth"},
)
"""With what stands around its fields."""
CHOICES = (
    {"label": "+40", "name": "prefix", "options": ["+36", "+40", "+359"]},
    {"name": "judet", "options": ["Alegeți", "Alba", "Arad", "Bihor", "Cluj"]},
)
"""With what features 4 read besides: of Romania, as its options and its dial code tell."""
FORMS = {3: FORM + SURROUNDED, 4: FORM + SURROUNDED + CHOICES}
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
    views = [FieldView(FieldDescriptor.model_validate({"selector": f"#f{place}", **field})) for place, field in enumerate(FORMS[features])]
    found = candidates(VERSION, views, certain(views, LEXICON))
    return gather(views, found, LEXICON, {canonical: number for number, canonical in enumerate(IDS, start=1)}, features)


def digest(shown: Evidence) -> str:
    of_views = [bags(shown.texts).take(column) for column in shown.views.T]
    arrays = [*(array for bag in of_views for array in (bag.buckets, bag.counts)), shown.lexical, shown.near, shown.shape, shown.blocks]
    plain = [np.ascontiguousarray(array, "<i8").tobytes() for array in arrays]
    nearness = np.round(shown.nearness.astype(np.float64), 4).astype("<f8").tobytes()
    return hashlib.sha256(b"".join([*plain, nearness])).hexdigest()


def test_every_feature_number_has_a_digest() -> None:
    assert DIGESTS.keys() == LAYOUTS.keys()
    assert max(LAYOUTS) == FEATURES


@pytest.mark.parametrize("features", DIGESTS)
def test_the_evidence_of_each_feature_number_is_unchanged(features: int) -> None:
    assert digest(evidence(features)) == DIGESTS[features]


@pytest.mark.parametrize("features", LAYOUTS)
def test_a_ranker_of_each_number_is_served(features: int, tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS, features)

    ranker = load_ranker(tmp_path / "ranker.json", tmp_path / "ranker.npz")

    assert ranker.predict(evidence(features)).probabilities.shape == (len(FORMS[features]), len(ranker.settings.classes))


@pytest.mark.parametrize("features", [2, FEATURES + 1])
def test_a_ranker_of_features_that_are_not_computed_is_refused_by_name(features: int, tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS)
    settings = tmp_path / "ranker.json"
    settings.write_text(settings.read_text().replace(f'"features":{FEATURES}', f'"features":{features}'))

    with pytest.raises(CorruptVersion, match=rf"ranker\.json: trained on features {features}, but this code computes 3 and 4"):
        load_ranker(settings, tmp_path / "ranker.npz")


def test_a_ranker_without_the_settings_of_later_features_is_refused_by_its_features_first(tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS)
    settings = tmp_path / "ranker.json"
    settings.write_text('{"classes": ["none"], "ids": [], "temperature": 1.0, "members": 1}')

    with pytest.raises(CorruptVersion, match=r"ranker\.json: trained on features 1, but this code computes 3 and 4"):
        load_ranker(settings, tmp_path / "ranker.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"whose": None}, r"ranker\.json: 1 wrong values"),
        ({"whose": []}, r"ranker\.npz does not fit ranker\.json"),
        ({"whose": ["partner", "self", "family"]}, r"ranker\.npz does not fit ranker\.json"),
    ],
)
def test_a_ranker_that_does_not_tell_whose_a_field_is_is_refused(changes: dict[str, object], message: str, tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS)
    settings = tmp_path / "ranker.json"
    content = json.loads(settings.read_text()) | changes
    settings.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))

    with pytest.raises(CorruptVersion, match=message):
        load_ranker(settings, tmp_path / "ranker.npz")


def test_a_ranker_whose_weights_are_of_other_features_is_refused(tmp_path: Path) -> None:
    write_ranker(tmp_path, IDS, features=3)
    settings = tmp_path / "ranker.json"
    settings.write_text(settings.read_text().replace('"features":3', '"features":4'))

    with pytest.raises(CorruptVersion, match=r"ranker\.npz does not fit ranker\.json"):
        load_ranker(settings, tmp_path / "ranker.npz")


def test_what_stands_around_a_field_is_in_columns_of_its_own() -> None:
    shown, layout = evidence(3), LAYOUTS[3]
    rows = slice(len(FORM), None)

    def texts(view: str) -> list[int]:
        return bags(shown.texts).counts[shown.views[rows, layout.views.index(view)]].tolist()

    def found(column: str) -> list[str]:
        return [(*IDS, "")[number - 1] for number in shown.lexical[rows, layout.lexical.index(column)]]

    assert [count > 0 for count in texts("section")] == [True, True, True, False]
    assert [count > 0 for count in texts("form")] == [True, False, False, False]
    assert found("near") == ["", "", "given-name", "bday"]
    assert found("autocomplete") == ["", "", "tel", ""]
    assert found("label") == ["given-name", "email", "", ""]


def test_a_heading_is_read_once_for_all_its_fields() -> None:
    shown = evidence(3)
    column = LAYOUTS[3].views.index("section")

    assert shown.views[len(FORM), column] == shown.views[len(FORM) + 1, column] > 0
    assert len(set(shown.texts)) == len(shown.texts)


def test_fields_whose_names_begin_alike_are_a_block() -> None:
    names = ("first", "last", "rcpt.first", "rcpt.last", "rcpt.zip", "passenger[1].name", "passenger[1].dob", "passenger[2].name", "", "")
    views = [FieldView(FieldDescriptor(selector=f"#{place}", name=name)) for place, name in enumerate(names)]

    assert gather(views, [Candidates()] * len(views), LEXICON, {}).blocks.tolist() == [0, 1, 2, 2, 2, 3, 3, 4, 5, 6]


def test_the_second_field_with_a_label_differs_from_the_first_wherever_it_is() -> None:
    labels = ("First name", "Phone", "City", "First name", "Phone")
    views = [FieldView(FieldDescriptor(selector=f"#{place}", label=label)) for place, label in enumerate(labels)]

    repeats = gather(views, [Candidates()] * len(views), LEXICON, {}).shape[:, LAYOUTS[3].shape.index("label_repeats")].tolist()

    assert repeats[0] == repeats[1] != repeats[3] == repeats[4]
    assert repeats[2] == 0


def test_options_and_the_forms_country_are_in_columns_of_their_own() -> None:
    shown, shape = evidence(4).shape, LAYOUTS[4].shape
    kinds = [KINDS[number] for number in shown[:, shape.index("option_kinds")]]

    assert kinds[-2:] == ["dial-code", "region"]
    assert kinds[5:8] == ["month-number", "day", "country"]
    assert {PLACES[number] for number in shown[:, shape.index("places")]} == {"RO"}
