"""What a version predicts for forms whose truth is known, field by field: `predictions.json`."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from fieldwise_common.canonical import NOTHING, is_negative, wire_id
from fieldwise_common.wire import Decision, MlClassifyRequest
from fieldwise_inference.classify.decide import classify, texts_to_embed
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.sites import NO_SITES
from fieldwise_training.corpus import Form
from fieldwise_training.encoder.parallel import PreparedEncoder, cores
from fieldwise_training.evaluation.metrics import Outcome
from fieldwise_training.progress.report import OnProgress, ignore_progress, tracked

UNKNOWN = ""
"""The truth of a field about which nothing is known: it is classified as part of its form, and not counted."""


@dataclass(frozen=True, slots=True)
class TruthForm:
    """A form as it is sent to inference, with the truth of each field: a canonical id, `none`, or `UNKNOWN`."""

    name: str
    """For people: the site and the kind of form, or the keyed hash of the site."""
    lang: str
    request: MlClassifyRequest
    truths: tuple[str, ...]
    cluster: str = ""
    """Forms of one cluster resemble each other, and are decided alike: one piece of evidence. "": the form is its own."""
    rejected: tuple[tuple[str, ...], ...] = ()
    """Of each field, ids that are known to be wrong, where that is all that is known; empty if there are none."""

    @classmethod
    def of(cls, form: Form) -> "TruthForm":
        """An authored form. Every negative id counts as `none`."""
        name = f"{form.site}, {form.kind}" if form.kind else form.site
        return cls(name, form.lang, form.request(), form.truths, cluster=form.site)


class Part(StrEnum):
    """The sets of forms that a version is measured on."""

    EVALUATION = "evaluation"
    """The held-out authored forms."""
    GUARD = "guard"
    """The authored forms that feedback can never change."""
    AGREED = "agreed"
    """Forms of sites whose users agree on fields, classified as for a stranger: with the version's answers for the site."""
    HELD_OUT_VOTES = "held-out-votes"
    """Those of the held-out sites, classified without the answers for the site."""


class Predictions(BaseModel):
    """What one version predicts for one set of forms."""

    model_config = ConfigDict(frozen=True)

    forms_sha256: str
    """See `digest`."""
    predicted: tuple[tuple[str, ...], ...]
    """For each form, for each field: the canonical id that would be filled, or `none`."""
    by_method: Mapping[str, int]
    """How many fields were decided by each `method`."""
    guesses: tuple[tuple[str, ...], ...] = ()
    """For each form, for each field: the likeliest id, or `none`, whether or not it reaches its threshold; empty if not recorded."""


class PredictionsFile(BaseModel):
    """`predictions.json`."""

    model_config = ConfigDict(frozen=True)

    parts: Mapping[Part, Predictions]


def digest(forms: Iterable[TruthForm]) -> str:
    """The SHA-256, in hex, of all that predictions for `forms` depend on besides the version: the requests, not their truth."""
    sha256 = hashlib.sha256()
    for form in forms:
        sha256.update(form.request.model_dump_json().encode() + b"\n")
    return sha256.hexdigest()


def predict_part(version: LoadedVersion, part: Part, forms: Sequence[TruthForm], on_progress: OnProgress = ignore_progress) -> Predictions:
    """What a version predicts for the forms of a part."""
    return predict(replace(version, sites=NO_SITES) if part is Part.HELD_OUT_VOTES else version, forms, on_progress)


def predict(version: LoadedVersion, forms: Sequence[TruthForm], on_progress: OnProgress = ignore_progress) -> Predictions:
    """Classifies each form as one request, with inference's own code, on all cores."""
    version = replace(version, encoder=PreparedEncoder(version.encoder, _texts(version, forms), on_progress))
    methods: Counter[str] = Counter()
    found: list[tuple[str, ...]] = []
    guesses: list[tuple[str, ...]] = []
    with ThreadPoolExecutor(cores()) as pool:
        classified = pool.map(lambda form: classify(version, form.request).decisions, forms)
        for _, decisions in zip(tracked(on_progress, "forms measured", forms), classified, strict=True):
            found.append(tuple(map(predicted, decisions)))
            guesses.append(tuple(wire_id(decision.predicted) for decision in decisions))
            methods.update(decision.method for decision in decisions)
    return Predictions(forms_sha256=digest(forms), predicted=tuple(found), by_method=dict(sorted(methods.items())), guesses=tuple(guesses))


def _texts(version: LoadedVersion, forms: Sequence[TruthForm]) -> list[str]:
    """The texts that classifying `forms` will embed."""
    return [text for form in forms for text in texts_to_embed(version, form.request.fields)]


def predicted(decision: Decision) -> str:
    """The canonical id that would be filled: that of an accepted field, else `none`."""
    is_filled = decision.decision == "accepted" and not is_negative(decision.predicted)
    return decision.predicted if is_filled else NOTHING


def outcomes(forms: Sequence[TruthForm], predictions: Predictions) -> list[Outcome]:
    """The prediction and the truth of every field whose truth is known, in order."""
    return [
        Outcome(form.lang, truth, guess)
        for form, guesses in zip(forms, predictions.predicted, strict=True)
        for truth, guess in zip(form.truths, guesses, strict=True)
        if truth != UNKNOWN
    ]
