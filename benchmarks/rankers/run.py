"""The forms read and prepared, then one approach after the other."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.latency.version import fetch
from benchmarks.quality.truth.equal import EQUAL
from benchmarks.quality.truth.fields import ENGLISH
from benchmarks.quality.truth.read import read_truth
from benchmarks.rankers.approaches.registry import APPROACHES
from benchmarks.rankers.figures import Measured, Rankers
from benchmarks.rankers.forms import Shown, as_captured, show, truth_fields
from benchmarks.rankers.measure import NO_RANKER, measure_approach, measure_steps

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_inference.classify.decide import LoadedVersion
from fieldwise_inference.serving.version import load_version
from fieldwise_training.canonical_loader import ids_of, load_canonical
from fieldwise_training.corpus import Form, load_forms
from fieldwise_training.ranker.examples import Vocabulary, vocabulary
from fieldwise_training.ranker.plan import Plan
from fieldwise_training.steps.context import SHIPPED_DATA

Said = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Prepared:
    """All forms, shown as production sees them. `parts`: what is measured on, by name, with the ids judged by."""

    version: LoadedVersion
    words: Vocabulary
    taught: tuple[Shown, ...]
    captured: tuple[Shown, ...]
    """The taught forms once more, with labels and names alone."""
    calibrating: tuple[Shown, ...]
    parts: dict[str, tuple[Shown, ...]]
    judged_by: dict[str, frozenset[str]]


def prepare(version: LoadedVersion, data: Path, fields: Path | None) -> Prepared:
    """Raises DataError naming the file at fault."""
    known = ids_of(load_canonical(data / "canonical"))
    words = vocabulary(sorted(known))
    forms = load_forms(data / "corpus", known)

    def shown(chosen: Sequence[Form]) -> tuple[Shown, ...]:
        return tuple(show(truth_fields(form), words, version) for form in chosen)

    learning = [form for form in forms if not form.is_held_out and not form.is_for_calibration]
    held = [form for form in forms if form.is_held_out]
    parts = {
        "held out, English": shown([form for form in held if form.lang == ENGLISH]),
        "held out, other languages": shown([form for form in held if form.lang != ENGLISH]),
        "held out, job applications": shown([form for form in held if form.kind == "job"]),
    }
    meanings = frozenset(canonical for canonical in known if not is_negative(canonical)) | {NOTHING}
    judged_by = dict.fromkeys(parts, meanings.union(*EQUAL))
    if fields is not None:
        truth = read_truth(fields)
        parts[truth.name] = tuple(show(form, words, version) for form in truth.forms)
        judged_by[truth.name] = truth.vocabulary
    return Prepared(
        version=version,
        words=words,
        taught=shown(learning),
        captured=tuple(show(as_captured(truth_fields(form)), words, version) for form in learning),
        calibrating=shown([form for form in forms if form.is_for_calibration and not form.is_held_out]),
        parts={name: part for name, part in parts.items() if part},
        judged_by=judged_by,
    )


def compare(store: str, fields: Path | None, only: Sequence[str], say: Said, data: Path = SHIPPED_DATA) -> Rankers:
    """Every approach of `only`, or all. Raises ModelError, StoreError, SettingsError or DataError."""
    with tempfile.TemporaryDirectory(prefix="fieldwise-rankers-") as folder:
        name, files = fetch(store, Path(folder))
        version = replace(load_version(name, files), ranker=None)
    say("preparing the forms")
    prepared = prepare(version, data, fields)
    measured = [_measured(one, prepared, say) for one in (NO_RANKER, *APPROACHES) if not only or one in only]
    return Rankers(
        model_version=name,
        wrong_cost=Plan().wrong_cost,
        taught_forms=len(prepared.taught),
        taught_fields=sum(len(form.fields) for form in prepared.taught),
        calibration_forms=len(prepared.calibrating),
        calibration_fields=sum(len(form.fields) for form in prepared.calibrating),
        approaches=tuple(measured),
    )


def _measured(name: str, prepared: Prepared, say: Said) -> Measured:
    say(f"measuring {name}")
    if name == NO_RANKER:
        return measure_steps(prepared.parts, prepared.judged_by)
    approach = APPROACHES[name]()
    taught = prepared.taught if approach.varies else (*prepared.taught, *prepared.captured)
    return measure_approach(name, approach, taught, prepared.calibrating, prepared.parts, prepared.judged_by, prepared.words)
