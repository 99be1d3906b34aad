"""The tree of everything Fieldwise refuses.

FieldwiseError
├── SettingsError            a setting is missing or wrong: the process can't start
├── AuthError                the caller
│   ├── Unauthenticated      no token, or one that doesn't verify            → 401
│   └── Forbidden            a good token without the scope                  → 403
├── RequestError             the request
│   ├── InvalidRequest       a field of the body is wrong, and is named      → 422 (400 when it isn't JSON)
│   ├── RequestTooLarge      more bytes or fields than are accepted          → 413
│   ├── NotFound             nothing stored under this name                  → 404
│   └── PreconditionFailed   If-Match names another ETag                     → 412
├── InferenceError           the backend's view of inference
│   ├── InferenceTimeout     no answer within the limit                      → 504
│   └── InferenceUnavailable refused, crashed, or not reachable              → 503
├── ModelError               a model version
│   ├── NoVersionPublished   the store has no pointer yet                    → 503
│   ├── VersionNotFound      the pointer or a caller names a missing one     → 503
│   ├── CorruptVersion       a file doesn't match the manifest               → 503
│   ├── PromotionConflict    somebody else moved the pointer first
│   ├── ExportMismatch       an exported encoder differs from the model it came from
│   └── CodeChanged          another code goes on than began: the function was deployed anew
├── StoreError               the object store answered something unforeseen
└── DataError                a canonical, corpus, evaluation or feedback file is malformed; names file and place
"""

from dataclasses import dataclass


class FieldwiseError(Exception):
    """Root of the tree. The message is safe to show: it never holds a value of a field or a profile."""


class SettingsError(FieldwiseError):
    """A setting is missing or has a wrong value; the message names the key."""


class AuthError(FieldwiseError):
    """The caller was refused."""


class Unauthenticated(AuthError):
    """No token, or one that does not verify."""


class Forbidden(AuthError):
    """The token is good, but lacks the scope the act needs."""


class RequestError(FieldwiseError):
    """The request can't be served as it is."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing wrong with a request body: `pointer` is a JSON pointer (RFC 6901), `detail` says what is wrong there."""

    pointer: str
    detail: str


class InvalidRequest(RequestError):
    """The body or one of its fields is wrong. `faults` names each culprit; empty when the body isn't JSON at all."""

    def __init__(self, detail: str, faults: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(detail)
        self.faults = faults


class RequestTooLarge(RequestError):
    """More than is accepted in one request; the message says how much that is."""


class NotFound(RequestError):
    """Nothing is stored under this name."""


class PreconditionFailed(RequestError):
    """The stored thing has changed since the caller read it."""


class InferenceError(FieldwiseError):
    """Inference did not answer the backend as it should."""


class InferenceTimeout(InferenceError):
    """Inference did not answer within the limit."""


class InferenceUnavailable(InferenceError):
    """Inference refused the connection, crashed, or was throttled."""


class ModelError(FieldwiseError):
    """A model version can't be used."""


class NoVersionPublished(ModelError):
    """The store has no pointer yet: no training has been promoted."""


class VersionNotFound(ModelError):
    """A version was named that has no manifest: it is missing, or was never sealed."""


class CorruptVersion(ModelError):
    """A file of a version is missing, or differs from its manifest; the message names version and file."""


class PromotionConflict(ModelError):
    """The pointer moved since it was read: somebody else promoted first."""


class ExportMismatch(ModelError):
    """An exported encoder doesn't give the vectors of the model it came from; the message names the text and the cosine."""


class CodeChanged(ModelError):
    """The code changed while a version was being made; a version says which code made it, and would not tell the truth."""


class StoreError(FieldwiseError):
    """The object store answered something the code has no better name for; the message names the key."""


class DataError(FieldwiseError):
    """An input file is malformed; the message names the file, the line or key, and what is wrong."""
