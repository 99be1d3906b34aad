"""Requests of a given size, made of the authored forms that no version is made from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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


def bare(request: MlClassifyRequest) -> MlClassifyRequest:
    """The form as a client sends it that describes nothing around the fields."""
    return _with_keys(request, lambda _: {"section": "", "nearby": "", "form": "", "group": "", "described_by": "", "title": ""})


def described(request: MlClassifyRequest) -> MlClassifyRequest:
    """The form as a client sends it that describes everything around the fields; a new heading every five of them."""
    form = "Application for membership"
    keys = [
        {"section": f"Part {part}: details of person {part}", "form": form, "title": f"Field {part}"} for part in range(MAX_FIELDS // 5)
    ]
    return _with_keys(request, lambda position: {**keys[position // 5], "nearby": f"Line {position} of the form"})


def _with_keys(request: MlClassifyRequest, keys: Callable[[int], Mapping[str, str]]) -> MlClassifyRequest:
    fields = tuple(field.model_copy(update=dict(keys(position))) for position, field in enumerate(request.fields))
    return request.model_copy(update={"fields": fields})


def many_options() -> MlClassifyRequest:
    """One select with hundreds of options."""
    options = [{"value": f"{number:03}", "text": f"Region {number} of the provinces"} for number in range(OPTIONS)]
    field = {"selector": "#region", "label": "Region of residence", "name": "region", "type": "select-one", "options": options}
    return MlClassifyRequest(fields=(FieldDescriptor.model_validate(field),))


def _request(examples: Iterable[FieldExample]) -> MlClassifyRequest:
    return MlClassifyRequest(fields=tuple(example.described(position) for position, example in enumerate(examples)))
