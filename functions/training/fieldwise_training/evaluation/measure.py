"""Measures a version with inference's own code, on forms it was not trained on."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fieldwise_common.canonical import NOTHING, is_negative
from fieldwise_common.errors import CorruptVersion, DataError, VersionNotFound
from fieldwise_common.store import layout
from fieldwise_common.store.model_store import ModelStore
from fieldwise_common.wire import Decision
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.ranker.candidates import needs_candidates
from fieldwise_inference.serving.version import load_version
from fieldwise_training.corpus import Form
from fieldwise_training.encoder.parallel import PreparedEncoder, cores
from fieldwise_training.evaluation.metrics import Measured, Outcome, measured
from fieldwise_training.progress.report import OnProgress, ignore_progress, tracked
from fieldwise_training.release.draft import Draft, temporary_folder


def measure_draft(draft: Draft, forms: Sequence[Form], on_progress: OnProgress = ignore_progress) -> Measured:
    """Measures a version that is not sealed yet. Raises CorruptVersion when inference could not serve it."""
    served = [name for name in draft.names() if name in layout.SERVED]
    with temporary_folder() as folder:
        return measure(load_version(draft.version, draft.download(served, folder)), forms, on_progress)


def measure_champion(
    store: ModelStore, version: str, forms: Sequence[Form], on_progress: OnProgress = ignore_progress
) -> tuple[Measured | None, str | None]:
    """Measures the version in production. If it is broken, returns the reason instead: that must not stop its successor."""
    try:
        manifest = store.manifest(version)
        with temporary_folder() as folder:
            served = {name: entry for name, entry in manifest.files.items() if name in layout.SERVED}
            return measure(load_version(version, store.fetch(version, served, folder)), forms, on_progress), None
    except (CorruptVersion, VersionNotFound) as error:
        return None, str(error)


def measure(version: LoadedVersion, forms: Sequence[Form], on_progress: OnProgress = ignore_progress) -> Measured:
    """Measures a version on `forms`, each classified as one request, on all cores. Raises DataError if there are no forms."""
    if not forms:
        raise DataError("there are no forms to evaluate on")
    outcomes: list[Outcome] = []
    methods: Counter[str] = Counter()
    version = replace(version, encoder=PreparedEncoder(version.encoder, _texts(version, forms), on_progress))
    with ThreadPoolExecutor(cores()) as pool:
        classified = pool.map(lambda form: classify(version, form.request()).decisions, forms)
        for form, decisions in zip(tracked(on_progress, "forms measured", forms), classified, strict=True):
            for example, decision in zip(form.fields, decisions, strict=True):
                outcomes.append(Outcome(form.lang, NOTHING if is_negative(example.truth) else example.truth, predicted(decision)))
                methods[decision.method] += 1
    return measured(version.version, outcomes, methods)


def _texts(version: LoadedVersion, forms: Sequence[Form]) -> list[str]:
    """The texts that classifying `forms` will embed."""
    views = (FieldView(field) for form in forms for field in form.request().fields)
    return [view.text for view in views if needs_candidates(view, certain(view), version.lexicon)]


def predicted(decision: Decision) -> str:
    """The canonical id that would be filled: that of an accepted field, else `none`."""
    is_filled = decision.decision == "accepted" and not is_negative(decision.predicted)
    return decision.predicted if is_filled else NOTHING
