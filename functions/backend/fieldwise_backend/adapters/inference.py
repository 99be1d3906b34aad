"""Calls inference with an httpx client, over HTTP or Lambda's Invoke, and returns wire models or raises errors of our tree."""

from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from fieldwise_common.errors import (
    FieldFault,
    FieldwiseError,
    Forbidden,
    InferenceTimeout,
    InferenceUnavailable,
    InvalidRequest,
    ModelError,
    NoVersionPublished,
    RequestTooLarge,
    Unauthenticated,
)
from fieldwise_common.lambda_transport import InvocationFailed
from fieldwise_common.observability import traced_part
from fieldwise_common.problems import TYPE_PREFIX
from fieldwise_common.wire import (
    FillResponse,
    KnownIds,
    MlClassifyRequest,
    MlClassifyResponse,
    MlFillRequest,
)
from fieldwise_common.wire_explain import MlThresholdRequest, ThresholdResponse

ResponseModel = TypeVar("ResponseModel", bound=BaseModel)

TIMED_OUT = "inference did not answer in time; it may be starting: try again"

MODEL_PROBLEMS: dict[str, type[ModelError]] = {
    f"{TYPE_PREFIX}no-version-published": NoVersionPublished,
    f"{TYPE_PREFIX}model-unusable": ModelError,
}
"""Problems of inference that are passed on to the client; any other 5xx means that inference is unavailable."""


class HttpInference:
    """Inference at the base URL of an httpx client; one attempt per call, limited by the client's timeout."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def classify(self, request: MlClassifyRequest, authorization: str) -> MlClassifyResponse:
        """Sends `POST /ml/classify`."""
        return self._post("/ml/classify", request, authorization, MlClassifyResponse)

    def fill(self, request: MlFillRequest, authorization: str) -> FillResponse:
        """Sends `POST /ml/fill`."""
        return self._post("/ml/fill", request, authorization, FillResponse)

    def threshold(self, request: MlThresholdRequest, authorization: str) -> ThresholdResponse:
        """Sends `POST /ml/debug/threshold`."""
        return self._post("/ml/debug/threshold", request, authorization, ThresholdResponse)

    def ids(self, authorization: str) -> KnownIds:
        """Sends `GET /ml/ids`."""
        return self._send("GET", "/ml/ids", None, authorization, KnownIds)

    def _post(self, path: str, request: BaseModel, authorization: str, model: type[ResponseModel]) -> ResponseModel:
        return self._send("POST", path, request.model_dump_json(exclude_defaults=True).encode(), authorization, model)

    def _send(self, method: str, path: str, body: bytes | None, authorization: str, model: type[ResponseModel]) -> ResponseModel:
        try:
            with traced_part("inference"):
                response = self._client.request(
                    method, path, content=body, headers={"Authorization": authorization, "Content-Type": "application/json"}
                )
        except httpx.TimeoutException:
            raise InferenceTimeout(TIMED_OUT) from None
        except InvocationFailed as error:
            raise InferenceUnavailable(f"inference can't be reached: {error.code}") from None
        except httpx.HTTPError as error:  # named by its type alone: its message may quote a header
            raise InferenceUnavailable(f"inference can't be reached: {type(error).__name__}") from None
        if response.status_code != httpx.codes.OK:
            raise error_of(response)
        try:
            return model.model_validate_json(response.content)
        except ValidationError:
            raise InferenceUnavailable(f"inference returned an unexpected body for {path}") from None


def error_of(response: httpx.Response) -> FieldwiseError:
    """Maps an error response to an exception."""
    problem = _problem(response)
    detail = str(problem.get("detail", ""))
    model_error = MODEL_PROBLEMS.get(str(problem.get("type")))
    if model_error is not None:
        return model_error(detail or "the model version can't be used")
    match response.status_code:
        case httpx.codes.UNAUTHORIZED:
            return Unauthenticated(detail or "inference rejected the token")
        case httpx.codes.FORBIDDEN:
            return Forbidden(detail or "inference denied access")
        case httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            return RequestTooLarge(detail or "the request is too large for inference")
        case httpx.codes.UNPROCESSABLE_ENTITY:
            return InvalidRequest(detail or "inference rejected the request", _faults(problem))
        case httpx.codes.GATEWAY_TIMEOUT:
            return InferenceTimeout(TIMED_OUT)
        case status:
            return InferenceUnavailable(f"inference returned status {status}")


def _problem(response: httpx.Response) -> dict[str, Any]:
    if "problem+json" not in response.headers.get("content-type", ""):
        return {}
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _faults(problem: dict[str, Any]) -> tuple[FieldFault, ...]:
    faults = problem.get("errors", ())
    return tuple(FieldFault(str(f.get("pointer", "")), str(f.get("detail", ""))) for f in faults if isinstance(f, dict))
