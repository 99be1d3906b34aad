"""A field as the steps of a decision read it: each attribute normalised once, on first use."""

from dataclasses import dataclass
from functools import cached_property

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.text import is_no_label, name_keys, name_words, normalise


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
    def own_label(self) -> str:
        """The key of the label, or of the ARIA label if there is no label; whatever it says: fields are recognised by it."""
        return normalise(self.field.label) or normalise(self.field.aria_label)

    @cached_property
    def _labels(self) -> tuple[tuple[str, str], ...]:
        """The texts that can be the label, each after its attribute: the first one with words is it."""
        f = self.field
        found = (("label", f.label), ("aria-label", f.aria_label), ("nearby", f.nearby), ("title", f.title))
        is_answer = self.kind in {"radio", "checkbox"}
        return tuple((source, text) for source, text in found if text and not is_no_label(text, is_answer))

    @cached_property
    def given_label(self) -> str:
        """The label as filling reads it: without one, the ARIA label or the title. The text nearby may be about another field."""
        return next((text for source, text in self._labels if source != "nearby"), "")

    @cached_property
    def label(self) -> str:
        """The key of the label; without one, of the ARIA label, of the text nearby, or of the title."""
        return normalise(self._labels[0][1]) if self._labels else ""

    @cached_property
    def near(self) -> str:
        """The key of what stands beside the label: a group's question, the text nearby, the help text, or the title; else ""."""
        f = self.field
        keys = (normalise(text) for text in (f.group, f.nearby, f.described_by, f.title) if text)
        return next((key for key in keys if key and key != self.label), "")

    @cached_property
    def section(self) -> str:
        """The key of the heading or legend above the field."""
        return normalise(self.field.section) if self.field.section else ""

    @cached_property
    def form_words(self) -> tuple[str, ...]:
        """The words of the form's id, name or title."""
        return name_words(self.field.form) if self.field.form else ()

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
        """The text to embed and to log: the label as `label` chooses it, the placeholder, the name or the id; "" if all are empty."""
        return self._named[1]

    @cached_property
    def text_source(self) -> str:
        """The attribute that `text` comes from, for the signals."""
        return self._named[0]

    @property
    def name_alone(self) -> str:
        """The words of the name or id, if there is no other text; else ""."""
        return self.text if self.text_source in {"name", "id"} else ""

    @cached_property
    def _named(self) -> tuple[str, str]:
        if self._labels:
            return self._labels[0]
        if self.placeholder:
            return "placeholder", self.field.placeholder
        names = (("name", self.name_words), ("id", self.id_words))
        return next(((source, " ".join(words)) for source, words in names if words), ("none", ""))
