"""A field as the steps of a decision read it: each attribute normalised once, on first use."""

from dataclasses import dataclass
from functools import cached_property

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.text import name_keys, name_words, normalise


@dataclass(frozen=True)
class FieldView:
    """One field.

    A "key" is a text as `text.normalise` returns it, to be looked up in the lexicon.
    """

    field: FieldDescriptor

    @cached_property
    def kind(self) -> str:
        """See `FieldSlice.kind`."""
        return self.field.kind

    @cached_property
    def label(self) -> str:
        """The key of the label, or of the ARIA label if there is no label."""
        return normalise(self.field.label) or normalise(self.field.aria_label)

    @cached_property
    def placeholder(self) -> str:
        """The key of the placeholder."""
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
        """The keys of the name, the most specific first."""
        return name_keys(self.field.name)

    @cached_property
    def id_keys(self) -> tuple[str, ...]:
        """The keys of the id, the most specific first."""
        return name_keys(self.field.id)

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the name, or of the id if the name has none."""
        return self.name_keys or self.id_keys

    @cached_property
    def text(self) -> str:
        """The text to embed and to log: the first of label, ARIA label, placeholder, name and id that is not empty; else ""."""
        texts = (t for t in (self.field.label, self.field.aria_label, self.field.placeholder) if normalise(t))
        return next(texts, "") or " ".join(self.name_words) or " ".join(self.id_words)

    @cached_property
    def text_source(self) -> str:
        """The attribute that `text` comes from, for the signals."""
        f = self.field
        named = (("label", f.label), ("aria-label", f.aria_label), ("placeholder", f.placeholder), ("name", f.name), ("id", f.id))
        return next((source for source, text in named if normalise(text)), "none")
