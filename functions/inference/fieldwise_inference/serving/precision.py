"""The precisions of an encoder, and everything that depends on them."""

from enum import StrEnum


class Precision(StrEnum):
    """What `encoder.json` calls the arithmetic of its graph. docs/decisions/0002 has the measurements behind it."""

    INT8_WEIGHTS = "int8-weights"
    """Weights stored as int8, computed in float32: a quarter of the size, and the same vectors on every processor."""
    FP32 = "fp32"
    """The exact export."""
    INT8 = "int8"
    """Computed in int8: made by earlier releases, still served, no longer made."""

    @property
    def can_batch(self) -> bool:
        """Whether a text keeps its vector in a batch. In int8 it doesn't: activation scales are taken over the whole batch."""
        return self is not Precision.INT8

    @property
    def caveat(self) -> str | None:
        """A warning for operators of such a version."""
        if self is Precision.INT8:
            return "its vectors depend on the processor: train a new version with build-index"
        return None
