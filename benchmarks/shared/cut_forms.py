"""Forms of a given size, cut from forms with known truth so that no text occurs in two of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fieldwise_common.wire import FieldDescriptor, MlClassifyRequest
from fieldwise_inference.classify.field_view import FieldView


@dataclass(frozen=True)
class CutForm:
    """A form to classify."""

    fields: Sequence[FieldDescriptor]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text of each field, as the encoder would get it."""
        return tuple(FieldView(field).text for field in self.fields)

    @cached_property
    def message(self) -> dict[str, Any]:
        """What a measured process is asked: the request, and the same fields as bare texts."""
        body = MlClassifyRequest(fields=tuple(self.fields)).model_dump(mode="json", exclude_defaults=True)
        return {"body": body, "texts": self.texts}


def unseen_forms(fields: Sequence[FieldDescriptor], size: int, most: int, but: Collection[str] = ()) -> tuple[CutForm, ...]:
    """At most `most` forms of `size` fields each, spread over `fields`. Every text of a form is new: in no form before, nor in `but`.

    Texts that differ in case alone count as the same. A text may be repeated within a form, as on real pages.
    """
    seen = {text.casefold() for text in but}
    chosen: list[CutForm] = []
    for start in _spread(len(fields) // size, most):
        form = _form(fields[start * size : (start + 1) * size])
        texts = {text.casefold() for text in form.texts if text}
        if texts.isdisjoint(seen):
            seen |= texts
            chosen.append(form)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _form(fields: Sequence[FieldDescriptor]) -> CutForm:
    """The fields with selectors that differ."""
    return CutForm([field.model_copy(update={"selector": f"#field-{number}"}) for number, field in enumerate(fields)])


def _spread(count: int, most: int) -> Iterator[int]:
    """Every number below `count` once: first `most` at equal distances, then those beside them."""
    stride = max(1, count // most)
    for offset in range(stride):
        yield from range(offset, count, stride)
