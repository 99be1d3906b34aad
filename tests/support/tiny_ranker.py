"""A tiny ranker with the real arithmetic: it predicts the candidates of lexicon and index, or `none` if there are none."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.form_place import PLACES
from fieldwise_inference.classify.option_kinds import KINDS
from fieldwise_inference.classify.ranker.evidence import MAX_MAXLENGTH, MAX_OPTIONS, MAX_SECTION, RUN_POSITIONS, TYPES
from fieldwise_inference.classify.ranker.features import FEATURES, LAYOUTS
from fieldwise_inference.classify.ranker.model import WIDTH, NumpyRanker
from fieldwise_inference.classify.ranker.ngrams import BUCKETS
from fieldwise_inference.classify.ranker.ranker import RankerSettings
from fieldwise_inference.classify.ranker.weights import weights_from

WHOSE = ("self", "earlier", "partner")
NONE_LOGIT = 2.0
HIT_LOGITS = {"label": 6.0, "placeholder": 5.0, "name": 4.0, "id": 3.0, "fuzzy": 5.0, "autocomplete": 0.0, "near": 4.0}
NEARNESS_LOGIT = 12.0
"""Multiplied by the cosine above 0.4."""


def settings_of(ids: Iterable[str], features: int = FEATURES) -> RankerSettings:
    known = tuple(sorted(set(ids)))
    classes = (NOTHING, *(canonical for canonical in known if not is_negative(canonical)))
    return RankerSettings(classes=classes, ids=known, features=features, whose=WHOSE, temperature=1.0, members=1)


def arrays_of(settings: RankerSettings) -> dict[str, NDArray[np.float16]]:
    """The weights of one member of hidden size 1: all zero except `copy_logits`, the bias of `none`, and that every field is the user's."""
    layout, ids, classes = LAYOUTS[settings.features], len(settings.ids) + 1, len(settings.classes)
    zeros = {
        "grams": (BUCKETS, 1),
        "views": (len(layout.views), 1, 1),
        "lexical": (len(layout.lexical), ids, 1),
        "near": (ids, 1),
        "types": (len(TYPES), 1),
        "maxlengths": (MAX_MAXLENGTH + 2, 1),
        "options": (MAX_OPTIONS + 1, 1),
        "label_runs": (RUN_POSITIONS, 1),
        "name_runs": (RUN_POSITIONS, 1),
        "bias": (1,),
        "norm": (2, 1),
        "conv": (2, WIDTH, 1),
        "conv_bias": (2, 1),
        "pool": (1, 1),
        "pool_bias": (1,),
        "out": (1, classes),
        "label_repeats": (RUN_POSITIONS, 1),
        "section_runs": (MAX_SECTION + 1, 1),
        "block": (1, 1),
        "whose": (1, len(settings.whose)),
    }
    set_by_hand = {
        "out_bias": [NONE_LOGIT] + [0.0] * (classes - 1),
        "whose_bias": [20.0] + [0.0] * (len(settings.whose) - 1),
        "copy_logits": [*(HIT_LOGITS[column] for column in layout.lexical), NEARNESS_LOGIT],
    }
    if settings.features > 3:
        zeros |= {"option_kinds": (len(KINDS), 1), "places": (len(PLACES), 1)}
    arrays = {name: np.zeros(shape, np.float16) for name, shape in zeros.items()}
    return {f"0.{name}": array for name, array in (arrays | {n: np.array(v, np.float16) for n, v in set_by_hand.items()}).items()}


def tiny_ranker(ids: Iterable[str]) -> NumpyRanker:
    settings = settings_of(ids)
    return NumpyRanker(settings, (weights_from(arrays_of(settings), 0),))


def write_ranker(folder: Path, ids: Iterable[str], features: int = FEATURES) -> None:
    """Writes `ranker.json` and `ranker.npz`."""
    settings = settings_of(ids, features)
    (folder / "ranker.json").write_text(settings.model_dump_json())
    np.savez_compressed(folder / "ranker.npz", **arrays_of(settings))  # type: ignore[arg-type]
