"""The forms of the training corpus, as measuring wants them."""

from pathlib import Path

from benchmarks.quality.truth.equal import EQUAL
from benchmarks.quality.truth.fields import TruthField, TruthSet

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_common.errors import DataError
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import Form, load_forms
from fieldwise_training.steps.context import SHIPPED_DATA


def read_authored(path: Path, held_out: bool) -> TruthSet:
    """The authored forms of a file or folder; `held_out`: only those of the sites no version is made from.

    A form's kind stands for its source. Every canonical id counts, whether or not these forms ask for it.
    Raises DataError naming file, line and field.
    """
    known = ids_of(load_canonical(SHIPPED_DATA / "canonical"))
    forms = [form for form in load_forms(path, known) if form.is_held_out or not held_out]
    if not forms:
        raise DataError(f"{path}: holds no {'held-out ' if held_out else ''}form")
    numbered: list[tuple[TruthField, ...]] = []
    first = 0
    for form in forms:
        numbered.append(_fields(form, first))
        first += len(form.fields)
    vocabulary = frozenset(canonical for canonical in known if not is_negative(canonical)) | {NOTHING}
    return TruthSet(f"{path.name}{', held-out sites' if held_out else ''}", tuple(numbered), vocabulary.union(*EQUAL))


def _fields(form: Form, first: int) -> tuple[TruthField, ...]:
    return tuple(
        TruthField(
            i=first + position,
            site=form.site,
            source=form.kind,
            lang=form.lang,
            truth=NOTHING if is_negative(example.truth) else example.truth,
            descriptor=descriptor,
        )
        for position, (example, descriptor) in enumerate(zip(form.fields, form.request().fields, strict=True))
    )
