"""Requests of a given size, made of the forms that people wrote and no version has seen."""

from collections.abc import Sequence
from itertools import chain, cycle, islice

from fieldwise_common.errors import DataError
from fieldwise_common.wire import MAX_FIELDS, ClassifyRequest, FieldDescriptor
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import Form, load_forms
from fieldwise_training.steps.context import SHIPPED_DATA

USUAL_FIELDS = 20
"""Fields of the form that latency is promised for."""
OPTIONS = 500


def held_out_forms() -> tuple[Form, ...]:
    """The shipped forms of the sites no version is made from. Raises DataError when there are none."""
    known = ids_of(load_canonical(SHIPPED_DATA / "canonical"))
    forms = tuple(form for form in load_forms(SHIPPED_DATA / "corpus", known) if form.is_held_out)
    if not forms:
        raise DataError("the shipped corpus has no held-out form")
    return forms


def cut_to_size(forms: Sequence[Form], size: int = USUAL_FIELDS) -> tuple[ClassifyRequest, ...]:
    """The forms joined end to end, in their order, and cut every `size` fields; what is left over is dropped."""
    examples = list(chain.from_iterable(form.fields for form in forms))
    starts = range(0, len(examples) - size + 1, size)
    return tuple(
        ClassifyRequest(fields=tuple(example.described(place) for place, example in enumerate(examples[start : start + size])))
        for start in starts
    )


def largest_form(forms: Sequence[Form]) -> ClassifyRequest:
    """The most fields a request may have, from as many forms as it takes."""
    examples = islice(cycle(chain.from_iterable(form.fields for form in forms)), MAX_FIELDS)
    return ClassifyRequest(fields=tuple(example.described(place) for place, example in enumerate(examples)))


def many_options() -> ClassifyRequest:
    """One select with hundreds of options."""
    options = [{"value": f"{number:03}", "text": f"Region {number} of the provinces"} for number in range(OPTIONS)]
    field = {"selector": "#region", "label": "Region of residence", "name": "region", "type": "select-one", "options": options}
    return ClassifyRequest(fields=(FieldDescriptor.model_validate(field),))
