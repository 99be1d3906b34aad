"""The tree of Fieldwise's errors.

FieldwiseError
├── SettingsError            a setting is missing or invalid: the process can't start
├── AuthError                the caller is refused
│   ├── Unauthenticated      no token, or one that does not verify           → 401
│   └── Forbidden            a valid token without the required scope        → 403
├── RequestError             the request is refused
│   ├── InvalidRequest       the body is invalid; names the fields at fault  → 422 (400 when it isn't JSON)
│   ├── RequestTooLarge      more bytes or fields than allowed               → 413
│   ├── NotFound             nothing is stored under this name               → 404
│   └── PreconditionFailed   If-Match or If-None-Match does not hold         → 412
├── InferenceError           inference failed, as the backend sees it
│   ├── InferenceTimeout     no answer within the timeout                    → 504
│   └── InferenceUnavailable refused, crashed, or unreachable                → 503
├── ModelError               a model version can't be used
│   ├── NoVersionPublished   the store has no pointer yet                    → 503
│   ├── VersionNotFound      the named version does not exist                → 503
│   ├── CorruptVersion       a file does not match the manifest              → 503
│   ├── DownloadRefused      the temp folder is full or read-only            → 503
│   ├── PromotionConflict    another version went live first
│   ├── PromotionRefused     the version may not go live: the gate rejected it, or it is being deleted
│   ├── ExportMismatch       an exported encoder differs from its source model
│   └── CodeChanged          the training function was redeployed mid-run
├── StoreError               a store failed in a way the code does not handle → 503
└── DataError                a canonical, corpus, evaluation or feedback file is malformed
"""

from dataclasses import dataclass


class FieldwiseError(Exception):
    """Root of the tree. The message never holds a value of a field or a profile, so it is safe to show."""


class SettingsError(FieldwiseError):
    """A setting is missing or invalid; the message names the key."""


class AuthError(FieldwiseError):
    """The caller is refused."""


class Unauthenticated(AuthError):
    """No token, or one that does not verify."""


class Forbidden(AuthError):
    """The token is valid, but lacks the required scope."""


class RequestError(FieldwiseError):
    """The request is refused."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing that is wrong with a request body: where (`pointer`, RFC 6901) and what (`detail`)."""

    pointer: str
    detail: str


class InvalidRequest(RequestError):
    """The body is invalid. `faults` has an entry per field at fault; it is empty when the whole body is."""

    def __init__(self, detail: str, faults: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(detail)
        self.faults = faults


class RequestTooLarge(RequestError):
    """The request exceeds a limit; the message gives the limit."""


class NotFound(RequestError):
    """Nothing is stored under this name."""


class PreconditionFailed(RequestError):
    """The stored resource does not meet the request's If-Match or If-None-Match."""


class InferenceError(FieldwiseError):
    """Inference failed, as the backend sees it."""


class InferenceTimeout(InferenceError):
    """Inference did not answer within the timeout."""


class InferenceUnavailable(InferenceError):
    """Inference refused the connection, crashed, was throttled, or returned something unexpected."""


class ModelError(FieldwiseError):
    """A model version can't be used."""


class NoVersionPublished(ModelError):
    """The store has no pointer yet: no training has been promoted."""


class VersionNotFound(ModelError):
    """The named version has no manifest: it does not exist, or was never sealed."""


class CorruptVersion(ModelError):
    """A file of a version is missing or does not match its manifest; the message names version and file."""


class DownloadRefused(ModelError):
    """A version's file can't be written to the temp folder; the message says why and what to do."""


class PromotionConflict(ModelError):
    """Another version went live than the one that this one was to replace."""


class PromotionRefused(ModelError):
    """The version may not go live: the gate rejected it, or a prune is deleting it."""


class ExportMismatch(ModelError):
    """An exported encoder does not reproduce its source model's vectors; the message names the text and the cosine."""


class CodeChanged(ModelError):
    """The training function was redeployed mid-run: the version's manifest, which names its code, would be wrong."""


class StoreError(FieldwiseError):
    """A store failed in a way the code does not handle; the message names the object."""


class DataError(FieldwiseError):
    """An input file is malformed; the message names the file, the line or key, and what is wrong."""
