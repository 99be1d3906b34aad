"""Times the parts of an answer, by wrapping those of the version."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from fieldwise_inference.classify.loaded_version import LoadedVersion

PARTS = ("encoder", "index", "ranker")


class Stopwatch:
    """Milliseconds of processor time in each of `PARTS` since the last reading, and how many texts reached the encoder."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._taken = dict.fromkeys(PARTS, 0.0)
        self._texts = 0

    def timing(self, version: LoadedVersion) -> LoadedVersion:
        """The same version, timed. A part that it does not have stays at 0."""
        timed = {name: cast(Any, _Timed(part, name, self)) for name in PARTS if (part := getattr(version, name)) is not None}
        return replace(version, **timed)

    def add(self, part: str, milliseconds: float, arguments: tuple[Any, ...]) -> None:
        """Notes a call of a part."""
        self._taken[part] += milliseconds
        if part == "encoder":
            self._texts += len(set(arguments[0]))

    def read(self) -> Mapping[str, Any]:
        """`parts`: milliseconds by part; `texts`: the different texts given to the encoder. Starts again at 0."""
        found = {"parts": self._taken, "texts": self._texts}
        self._clear()
        return found


class _Timed:
    """Passes everything on to a part, and times its methods."""

    def __init__(self, part: object, name: str, watch: Stopwatch) -> None:
        self._part, self._name, self._watch = part, name, watch

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not callable(found):
            return found

        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return found(*arguments, **named)
            finally:
                self._watch.add(self._name, 1000 * (time.process_time() - began), arguments)

        return timed
