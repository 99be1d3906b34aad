"""What a ranker is trained on: a form, and what is known of each of its fields."""

from dataclasses import dataclass

from fieldwise_common.canonical import NOTHING
from fieldwise_common.wire import FieldDescriptor
from fieldwise_training.corpus import Form


@dataclass(frozen=True, slots=True)
class Target:
    """What is known of one field, and how much it counts."""

    canonical: str = NOTHING
    """The class that the field has: an id, or `none`."""
    weight: float = 0.0
    """Of the field in the loss; 0: nothing is known of it, it is there as context for the others. An authored field has the weight 1."""
    is_rejected: bool = False
    """Whether `canonical` is the class that the field does *not* have."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A form as a client sends it, with one target per field."""

    fields: tuple[FieldDescriptor, ...]
    targets: tuple[Target, ...]

    @classmethod
    def authored(cls, form: Form) -> "Lesson":
        """An authored form: every field is known. Negative ids count as `none`."""
        return cls(form.request().fields, tuple(Target(truth, 1.0) for truth in form.truths))
