"""The number of the features: what a ranker was trained on and what this code computes must be the same.

`ranker.json` carries the number a ranker was trained with. Another number than those in `LEXICAL_COLUMNS` is refused by
name, and the version that serves stays. Training takes a parent's ranker over only if its number is `FEATURES`.

Whenever the same form gives other evidence (`text`, `field_view`, `lexicon`, `candidates`, `evidence`, `ngrams`), raise
`FEATURES` and keep computing the number before it, so that new code can serve the version that is live when it is deployed;
drop the one before that. `tests/unit/inference/test_features.py` fails until you do. docs/operations.md, "Upgrade", has
the order of deploying code and versions that follows from this.
"""

from collections.abc import Mapping

FEATURES = 2
"""What is computed for a ranker that is trained now."""

LEXICAL_COLUMNS: Mapping[int, tuple[str, ...]] = {
    1: ("label", "placeholder", "name", "id"),
    2: ("label", "placeholder", "name", "id", "fuzzy"),
}
"""By number: the columns of `Evidence.lexical`. 1 was never written into `ranker.json`; 2 added fuzzy matches, and
reads a `listbox` with options as the select it is."""
