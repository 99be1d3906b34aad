"""Requests of a given size, made of the authored forms that no version is made from."""

from collections.abc import Iterable, Sequence
from itertools import chain, cycle, islice

from fieldwise_common.wire import MAX_FIELDS, FieldDescriptor, MlClassifyRequest
from fieldwise_training.corpus import FieldExample, Form

USUAL_FIELDS = 20
"""Fields of the form that latency is promised for."""
OPTIONS = 500


def cut_to_size(forms: Sequence[Form], size: int = USUAL_FIELDS) -> tuple[MlClassifyRequest, ...]:
    """The forms joined in their order and cut every `size` fields; what is left over is dropped."""
    examples = list(chain.from_iterable(form.fields for form in forms))
    return tuple(_request(examples[start : start + size]) for start in range(0, len(examples) - size + 1, size))


def largest_form(forms: Sequence[Form]) -> MlClassifyRequest:
    """The most fields that a request may have, repeating the forms if there are fewer."""
    return _request(islice(cycle(chain.from_iterable(form.fields for form in forms)), MAX_FIELDS))


def many_options() -> MlClassifyRequest:
    """One select with hundreds of options."""
    options = [{"value": f"{number:03}", "text": f"Region {number} of the provinces"} for number in range(OPTIONS)]
    field = {"selector": "#region", "label": "Region of residence", "name": "region", "type": "select-one", "options": options}
    return MlClassifyRequest(fields=(FieldDescriptor.model_validate(field),))


def _request(examples: Iterable[FieldExample]) -> MlClassifyRequest:
    return MlClassifyRequest(fields=tuple(example.described(position) for position, example in enumerate(examples)))
