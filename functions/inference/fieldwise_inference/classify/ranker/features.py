"""The number of the feature set: a ranker may only be used with the features it was trained on.

`ranker.json` has the number that the ranker was trained with. A version whose number is not in `LEXICAL_COLUMNS` is refused
with an error that names both numbers, and the version in memory keeps serving. Training reuses the parent version's ranker
only if its number is `FEATURES`.

If you change anything that changes the evidence of a form (`FieldSlice.kind`, `text`, `field_view`, `certain`, `lexicon`,
`nearest`, `candidates`, `evidence`, `ngrams`), raise `FEATURES` and keep computing the previous number, so that the new code
can serve the version that is live when it is deployed; drop the number before that. `tests/unit/inference/test_features.py`
fails until you do. The order of deploying code and versions that follows is in docs/operations.md, "Upgrade".
"""

from collections.abc import Mapping

FEATURES = 2
"""The number that newly trained rankers get."""

LEXICAL_COLUMNS: Mapping[int, tuple[str, ...]] = {
    1: ("label", "placeholder", "name", "id"),
    2: ("label", "placeholder", "name", "id", "fuzzy"),
}
"""The columns of `Evidence.lexical`, by number. 1 was never written into `ranker.json`; 2 added fuzzy matches, and the type of
a `listbox` with options became `select`."""
