"""Whether this instance can answer, found out by letting it answer."""

from dataclasses import dataclass

from fieldwise_common.errors import ModelError, StoreError
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.holder import VersionHolder
from fieldwise_inference.serving.version import check


@dataclass(frozen=True, slots=True)
class Health:
    """`error` is None when all is well; `model_version` is what serves, also while a newer version is refused.

    `precision` is its encoder's; `note` is a warning about the encoder, of a version that serves all the same.
    """

    model_version: str | None
    error: str | None
    precision: str | None = None
    note: str | None = None


def _refusal(error: ModelError | StoreError) -> str:
    """What may be told to anybody: a store's own errors name buckets and paths."""
    return str(error) if isinstance(error, ModelError) else "the model store can't be read"


def _fault(loaded: LoadedVersion) -> str | None:
    try:
        check(loaded)
    except ModelError as error:
        return str(error)
    return None


def health(holder: VersionHolder) -> Health:
    """Embeds a word and searches for it with the version being served; a version that was refused meanwhile is an error too."""
    try:
        loaded = holder.current()
    except (ModelError, StoreError) as error:
        return Health(None, _refusal(error))
    return Health(loaded.version, holder.last_error or _fault(loaded), loaded.encoder_precision, loaded.encoder_caveat)
