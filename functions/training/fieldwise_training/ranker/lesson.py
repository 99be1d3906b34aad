"""What a ranker is trained on: a form, and what is known of each of its fields."""

from dataclasses import dataclass, replace

from fieldwise_common.canonical import NOTHING
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.ranker.owners import SELF
from fieldwise_training.corpus import FieldExample, Form

CONTEXT_KEYS = ("section", "group", "form", "described_by", "nearby", "title")
"""What a client can tell of a field's surroundings; most clients send none of it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is known of one field, and how much it counts."""

    canonical: str = NOTHING
    """The class that the field has: an id, or `none`."""
    weight: float = 0.0
    """Of the field in the loss; 0: nothing is known of it, it is there as context for the others. An authored field has the weight 1."""
    is_rejected: bool = False
    """Whether `canonical` is the class that the field does *not* have."""
    whose: str | None = None
    """Whose data the field asks for (`corpus.Whose`); None: not known."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A form as a client sends it, with one target per field."""

    fields: tuple[FieldDescriptor, ...]
    targets: tuple[Target, ...]

    @classmethod
    def authored(cls, form: Form) -> "Lesson":
        """An authored form: every field is known. Negative ids count as `none`."""
        return cls(
            form.request().fields,
            tuple(Target(truth, 1.0, whose=_whose(truth, field)) for truth, field in zip(form.truths, form.fields, strict=True)),
        )

    @property
    def without_context(self) -> "Lesson | None":
        """The same form as sent by a client that knows none of `CONTEXT_KEYS`; None if this one has none."""
        bare = tuple(field.model_copy(update=dict.fromkeys(CONTEXT_KEYS, "")) for field in self.fields)
        return replace(self, fields=bare) if bare != self.fields else None


def _whose(truth: str, field: FieldExample) -> str | None:
    return field.whose or (SELF if truth != NOTHING else None)
