"""The precisions of encoders, and what follows from each."""

from enum import StrEnum


class Precision(StrEnum):
    """The arithmetic of an encoder's graph, as named in `encoder.json`. docs/decisions/0002 has the measurements behind it."""

    INT8_WEIGHTS = "int8-weights"
    """Weights stored as int8, arithmetic in float32: a quarter of the size, and the same vectors on every processor."""
    FP32 = "fp32"
    """The exact export."""
    INT8 = "int8"
    """Arithmetic in int8. Versions of earlier releases have it and are still served; training no longer produces it."""

    @property
    def can_batch(self) -> bool:
        """Whether a text's vector is independent of its batch. In int8 it isn't: activation scales span the whole batch."""
        return self is not Precision.INT8

    @property
    def caveat(self) -> str | None:
        """A warning for operators of a version with this precision, or None."""
        if self is Precision.INT8:
            return "its vectors depend on the processor: train a new version with build-index"
        return None
