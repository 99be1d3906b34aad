"""Health of this instance: whether it can load a version and embed with it."""

from dataclasses import dataclass

from fieldwise_common.errors import ModelError, StoreError
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.serving.holder import VersionHolder, public_message
from fieldwise_inference.serving.version import check


@dataclass(frozen=True, slots=True)
class VersionHealth:
    """`error` is None when all is well. `model_version` is the version that serves, even if a newer one was refused.

    `precision` is its encoder's; `note` is a warning about the encoder of a version that serves all the same.
    """

    model_version: str | None
    error: str | None
    precision: str | None = None
    note: str | None = None


def health_of(holder: VersionHolder) -> VersionHealth:
    """Embeds a word with the served version and searches for it; an error if that fails.

    Also an error if a newer version or the overrides were refused.
    """
    try:
        loaded = holder.current()
    except (ModelError, StoreError) as error:
        return VersionHealth(None, public_message(error))
    fault = holder.last_error or holder.overrides_error or _fault(loaded)
    return VersionHealth(loaded.version, fault, loaded.encoder_precision, loaded.encoder_caveat)


def _fault(loaded: LoadedVersion) -> str | None:
    try:
        check(loaded)
    except ModelError as error:
        return str(error)
    return None
