"""Fills one field per call, for tests that are tables of formats."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwise_common.wire import FieldSlice, FillResponse, Match, MlFillRequest
from fieldwise_inference.classify.ports import Encoder
from fieldwise_inference.fill.dispatch import fill


class NoEncoder:
    """For fields that must be filled without the encoder: any use of it fails the test."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise AssertionError(f"encoded {len(texts)} texts")

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode(texts)


def response(
    canonical: str, profile: Mapping[str, str], encoder: Encoder | None = None, method: str = "semantic", **field: Any
) -> FillResponse:
    """The response to a request with one match."""
    match = Match(selector="#field", canonical=canonical, method=method, field=FieldSlice.model_validate(field))
    return fill(MlFillRequest(user_profile=dict(profile), matches=(match,)), encoder or NoEncoder())


def filled(canonical: str, value: str, encoder: Encoder | None = None, profile: Mapping[str, str] | None = None, **field: Any) -> str:
    """The value the field gets; `refused: <reason>` if it gets none."""
    answer = response(canonical, {canonical: value, **(profile or {})}, encoder, **field)
    return answer.fills[0].value if answer.fills else f"refused: {answer.unfilled[0].reason}"


def warned(canonical: str, value: str, encoder: Encoder | None = None, **field: Any) -> str | None:
    """The warning that came with the value."""
    return response(canonical, {canonical: value}, encoder, **field).fills[0].warning
