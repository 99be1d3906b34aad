"""A field as the steps of a decision read it: each attribute normalised once, on first use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.text import is_no_label, name_keys, name_words, normalise

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801  # used as a decorator, like the one that it replaces
    """A property that is computed on first use, as `functools.cached_property`: without the lock that this has before Python 3.12."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        found = instance.__dict__[self._name] = self._compute(instance)
        return found


@dataclass(frozen=True)
class FieldView:
    """One field.

    A "key" is a text as `text.normalise` returns it, to be looked up in the lexicon.
    """

    field: FieldDescriptor

    @once
    def kind(self) -> str:
        """See `FieldSlice.kind`."""
        return self.field.kind

    @once
    def own_label(self) -> str:
        """The key of the label, or of the ARIA label if there is no label; whatever it says: fields are recognised by it."""
        return normalise(self.field.label) or normalise(self.field.aria_label)

    @once
    def _labels(self) -> tuple[tuple[str, str], ...]:
        """The texts that can be the label, each after its attribute: the first one with words is it."""
        f = self.field
        found = (("label", f.label), ("aria-label", f.aria_label), ("nearby", f.nearby), ("title", f.title))
        is_answer = self.kind in {"radio", "checkbox"}
        return tuple((source, text) for source, text in found if text and not is_no_label(text, is_answer))

    @once
    def given_label(self) -> str:
        """The label as filling reads it: without one, the ARIA label or the title. The text nearby may be about another field."""
        return next((text for source, text in self._labels if source != "nearby"), "")

    @once
    def label(self) -> str:
        """The key of the label; without one, of the ARIA label, of the text nearby, or of the title."""
        return normalise(self._labels[0][1]) if self._labels else ""

    @once
    def near(self) -> str:
        """The key of what stands beside the label: a group's question, the text nearby, the help text, or the title; else ""."""
        f = self.field
        keys = (normalise(text) for text in (f.group, f.nearby, f.described_by, f.title) if text)
        return next((key for key in keys if key and key != self.label), "")

    @once
    def section(self) -> str:
        """The key of the heading or legend above the field."""
        return normalise(self.field.section) if self.field.section else ""

    @once
    def form_words(self) -> tuple[str, ...]:
        """The words of the form's id, name or title."""
        return name_words(self.field.form) if self.field.form else ()

    @once
    def placeholder(self) -> str:
        """The key of the placeholder."""
        return normalise(self.field.placeholder)

    @once
    def name_words(self) -> tuple[str, ...]:
        """The words of the name."""
        return name_words(self.field.name)

    @once
    def id_words(self) -> tuple[str, ...]:
        """The words of the id."""
        return name_words(self.field.id)

    @once
    def name_keys(self) -> tuple[str, ...]:
        """The keys of the name, the most specific first."""
        return name_keys(self.field.name)

    @once
    def id_keys(self) -> tuple[str, ...]:
        """The keys of the id, the most specific first."""
        return name_keys(self.field.id)

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the name, or of the id if the name has none."""
        return self.name_keys or self.id_keys

    @once
    def text(self) -> str:
        """The text to embed and to log: the label as `label` chooses it, the placeholder, the name or the id; "" if all are empty."""
        return self._named[1]

    @once
    def text_source(self) -> str:
        """The attribute that `text` comes from, for the signals."""
        return self._named[0]

    @property
    def name_alone(self) -> str:
        """The words of the name or id, if there is no other text; else ""."""
        return self.text if self.text_source in {"name", "id"} else ""

    @once
    def _named(self) -> tuple[str, str]:
        if self._labels:
            return self._labels[0]
        if self.placeholder:
            return "placeholder", self.field.placeholder
        names = (("name", self.name_words), ("id", self.id_words))
        return next(((source, " ".join(words)) for source, words in names if words), ("none", ""))
