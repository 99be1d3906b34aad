"""Checks that the live version knows the canonical ids of a request."""

import math
from collections.abc import Callable, Mapping

from fieldwise_backend.autofill.ports import Inference
from fieldwise_common.canonical import NOTHING, catalogue
from fieldwise_common.errors import FieldFault, InferenceError, InvalidRequest, ModelError

CACHE_SECONDS = 60.0
UNKNOWN = "the live version knows no id of this name: use one that classify returns or `make ids` lists, or `none`"


class KnownIdCheck:
    """Gets the ids from inference, and keeps them for `CACHE_SECONDS`. `clock` returns monotonic seconds."""

    def __init__(self, inference: Inference, clock: Callable[[], float]) -> None:
        self._inference = inference
        self._clock = clock
        self._ids: frozenset[str] = frozenset()
        self._read_at = -math.inf

    def require_known(self, ids: Mapping[str, str], authorization: str) -> None:
        """Checks the ids of a request, by the JSON pointer of each; `none` and "" are always known.

        Before an id is refused, the known ids are read again. If inference can't be reached, those of the catalogue are accepted too.

        Raises:
            InvalidRequest: naming every id that is not known.
            InferenceError, ModelError: inference can't be reached, and an id is not in the catalogue.
        """
        asked = {pointer: one for pointer, one in ids.items() if one not in ("", NOTHING)}
        is_fresh = self._clock() - self._read_at < CACHE_SECONDS
        if not asked or (is_fresh and self._ids.issuperset(asked.values())):
            return
        try:
            self._ids = frozenset(self._inference.ids(authorization).ids)
        except (InferenceError, ModelError):
            if self._ids.union(catalogue()).issuperset(asked.values()):
                return
            raise
        self._read_at = self._clock()
        unknown = [pointer for pointer, one in asked.items() if one not in self._ids]
        if unknown:
            raise InvalidRequest(f"unknown id: {', '.join(unknown)}", tuple(FieldFault(pointer, UNKNOWN) for pointer in unknown))
