"""A field as the steps of a decision see it: every view of it prepared once, and kept apart."""

from dataclasses import dataclass
from functools import cached_property

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.text import name_keys, name_words, normalise


@dataclass(frozen=True)
class FieldView:
    """One field of a form and its place in it (`position`, from 0)."""

    field: FieldDescriptor
    position: int

    @cached_property
    def kind(self) -> str:
        """See `FieldSlice.kind`."""
        return self.field.kind

    @cached_property
    def label(self) -> str:
        """The label's key, or the aria label's where there is none."""
        return normalise(self.field.label) or normalise(self.field.aria_label)

    @cached_property
    def placeholder(self) -> str:
        """The placeholder's key."""
        return normalise(self.field.placeholder)

    @cached_property
    def name_words(self) -> tuple[str, ...]:
        """The words of the name."""
        return name_words(self.field.name)

    @cached_property
    def id_words(self) -> tuple[str, ...]:
        """The words of the id."""
        return name_words(self.field.id)

    @cached_property
    def name_keys(self) -> tuple[str, ...]:
        """The keys of the name, the most telling first."""
        return name_keys(self.field.name)

    @cached_property
    def id_keys(self) -> tuple[str, ...]:
        """The keys of the id, likewise."""
        return name_keys(self.field.id)

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the name, or of the id where the name tells nothing."""
        return self.name_keys or self.id_keys

    @cached_property
    def text(self) -> str:
        """The text that stands for the field: label ≫ placeholder ≫ name ≫ id; "" when it has none."""
        spoken = (t for t in (self.field.label, self.field.aria_label, self.field.placeholder) if normalise(t))
        return next(spoken, "") or " ".join(self.name_words) or " ".join(self.id_words)

    @cached_property
    def text_source(self) -> str:
        """Which view `text` comes from, for the signals."""
        f = self.field
        named = (("label", f.label), ("aria-label", f.aria_label), ("placeholder", f.placeholder), ("name", f.name), ("id", f.id))
        return next((source for source, text in named if normalise(text)), "none")
