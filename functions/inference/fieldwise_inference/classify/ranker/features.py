"""The number of the feature set: a ranker may only be used with the features it was trained on.

`ranker.json` has the number that the ranker was trained with. A version whose number is not in `LAYOUTS` is refused
with an error that names both numbers, and the version in memory keeps serving. Training reuses the parent version's ranker
only if its number is `FEATURES`.

If you change anything that changes the evidence of a form (`FieldSlice.kind`, `text`, `field_view`, `form_place`,
`option_kinds`, `certain`, `lexicon`, `nearest`, `candidates`, `evidence`, `ngrams`), raise `FEATURES` and keep computing the
previous number, so that the new code can serve the version that is live when it is deployed; drop the number before that.
`tests/unit/inference/test_features.py` fails until you do. The order of deploying code and versions that follows is in
docs/operations.md, "Upgrade".
"""

from collections.abc import Mapping
from dataclasses import dataclass

FEATURES = 4
"""The number that newly trained rankers get."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a form's evidence, in the order of its arrays."""

    views: tuple[str, ...]
    """The texts of a field that are read as n-grams."""
    lexical: tuple[str, ...]
    """The keys that are looked up; `fuzzy` is a near match, `autocomplete` the token of that attribute."""
    shape: tuple[str, ...]
    """The numbers beside the texts, by the names of their tables in `Weights`."""


_VIEWS = ("label", "placeholder", "name", "id", "options", "section", "near", "form")
_LEXICAL = ("label", "placeholder", "name", "id", "fuzzy", "autocomplete", "near")
_SHAPE = ("types", "maxlengths", "options", "label_runs", "name_runs", "label_repeats", "section_runs")
LAYOUTS: Mapping[int, Layout] = {
    3: Layout(_VIEWS, _LEXICAL, _SHAPE),
    4: Layout(_VIEWS, _LEXICAL, (*_SHAPE, "option_kinds", "places")),
}
"""By number. 4 added what a field's options are and where the form is from (decision 0019)."""
