"""Thumbs up and down on forms with known truth, as the decision log of a stack has them; and what a training makes of them elsewhere.

In this process, without a stack: the log is written by the backend's own code, and read by a real run.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from benchmarks.loop.people import SiteForm
from pydantic import BaseModel

from fieldwise_backend.autofill.decision_rows import Stamp, classify_rows, feedback_row
from fieldwise_backend.memory.recents import RecentField
from fieldwise_backend.memory.service import FoundField
from fieldwise_common.canonical import NOTHING
from fieldwise_common.decision_log import LogRow, encode, site_hash
from fieldwise_common.wire import ClassifyRequest, FeedbackRequest, FieldDescriptor, MlClassifyRequest, Page
from fieldwise_inference.classify.decide import classify
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_training.evaluation.predictions import predicted
from fieldwise_training.run import run
from fieldwise_training.state import RunState, parse_request
from fieldwise_training.steps.context import TrainingContext

KEY = b"a key of the benchmark alone"
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
RESAMPLES = 2_000
"""Of sites, for an interval of 95 %."""

Answers = Sequence[str]
"""For each field of a form: the id that it would be filled with, or `none`."""
Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Thumbs:
    """A decision log with one user's feedback: its address, and how many fields were confirmed and corrected."""

    log: str
    confirmed: int
    corrected: int


class Gain(BaseModel):
    """How much better the answers for some forms are after a training, in points of percent: with the interval over sites."""

    fields: int
    sites: int
    accuracy: tuple[float, float]
    """Before and after: share of all fields that are right."""
    precision: tuple[float, float]
    """Of the filled fields."""
    recall: tuple[float, float]
    """Of the fields with an id."""
    gain: float
    low: float
    high: float


def share_of_sites(forms: Iterable[SiteForm], share: float) -> tuple[list[SiteForm], list[SiteForm]]:
    """The forms of this share of the sites, chosen by hash so that a larger share has all of a smaller one; and the other forms."""
    every = list(forms)
    sites = sorted({form.origin for form in every}, key=lambda origin: hashlib.sha256(origin.encode()).hexdigest())
    chosen = set(sites[: round(len(sites) * share)])
    return [form for form in every if form.origin in chosen], [form for form in every if form.origin not in chosen]


def answers_of(version: LoadedVersion, forms: Iterable[SiteForm]) -> list[Answers]:
    """What a stranger is answered for each form, without what the site's users agree on: the model alone."""
    return [[predicted(decision) for decision in classify(version, _request(form)).decisions] for form in forms]


def write_thumbs(folder: Path, version: LoadedVersion, forms: Iterable[SiteForm], user: str = "one") -> Thumbs:
    """The log of a user who confirms every right fill, and corrects every wrong and every missing one.

    Fields that were rightly left empty get no thumb.
    """
    rows: list[LogRow] = []
    confirmed = corrected = 0
    for number, form in enumerate(forms):
        asked, judged = _thumbs(version, form, Stamp(START + timedelta(minutes=number), hashlib.sha256(user.encode()).hexdigest()))
        rows += [*asked, *judged]
        confirmed += sum(row.decision == "correct" for row in judged)
        corrected += sum(row.decision == "incorrect" for row in judged)
    path = folder / "decisions" / f"{START:%Y/%m/%d/%H}" / f"thumbs-of-{user}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(encode(rows), "utf-8")
    return Thumbs(str(folder / "decisions"), confirmed, corrected)


def train_on(context: TrainingContext, thumbs: Thumbs, mode: str = "full-train", run_id: str = "thumbs") -> RunState:
    """A whole run that reads the log. Its version is promoted only if the gate passes it. Raises StepFailed."""
    request = parse_request({"mode": mode, "parameters": {"feedback_log": thumbs.log}})
    return run(context, request, run_id, lambda _: nullcontext(), lambda _: None)


def gain(forms: Sequence[SiteForm], before: Sequence[Answers], after: Sequence[Answers], same: Same = str.__eq__) -> Gain:
    """Compares the answers for the same forms. The interval is a bootstrap over sites, as the fields of a site are alike."""
    rows = [
        (form.origin, truth, old, new)
        for form, olds, news in zip(forms, before, after, strict=True)
        for truth, old, new in zip(form.truth, olds, news, strict=True)
    ]
    by_site: dict[str, list[int]] = {}
    for origin, truth, old, new in rows:
        counts = by_site.setdefault(origin, [0, 0])
        counts[0] += int(same(new, truth)) - int(same(old, truth))
        counts[1] += 1
    sites = np.array(list(by_site.values()), float)
    drawn = np.random.default_rng(0).integers(0, len(sites), (RESAMPLES, len(sites)))
    resampled = sites[drawn].sum(axis=1)
    low, high = np.quantile(100 * resampled[:, 0] / resampled[:, 1], [0.025, 0.975])

    def shares(of: Callable[[str, str], bool]) -> tuple[float, float]:
        def share(column: int) -> float:
            counted = [same(row[column], row[1]) for row in rows if of(row[1], row[column])]
            return round(100 * sum(counted) / len(counted), 2) if counted else 0.0

        return share(2), share(3)

    return Gain(
        fields=len(rows),
        sites=len(by_site),
        accuracy=shares(lambda _truth, _answer: True),
        precision=shares(lambda _truth, answer: answer != NOTHING),
        recall=shares(lambda truth, _answer: truth != NOTHING),
        gain=round(100 * float(sites[:, 0].sum() / sites[:, 1].sum()), 2),
        low=round(float(low), 2),
        high=round(float(high), 2),
    )


def _request(form: SiteForm, site: str = "") -> MlClassifyRequest:
    fields = tuple(FieldDescriptor.model_validate(field) for field in form.fields)
    return MlClassifyRequest(fields=fields, page=Page(origin=form.origin), site=site)


def _thumbs(version: LoadedVersion, form: SiteForm, stamp: Stamp) -> tuple[list[LogRow], list[LogRow]]:
    site = site_hash(KEY, form.origin)
    sent = _request(form, site)
    answer = classify(version, sent)
    judged = []
    for decision, truth in zip(answer.decisions, form.truth, strict=True):
        given = predicted(decision)
        if given == truth == NOTHING:
            continue
        told = {"feedback": "correct"} if given == truth else {"feedback": "incorrect", "corrected_to": truth}
        feedback = FeedbackRequest.model_validate({"selector": decision.selector, "canonical": given, "url": form.origin, **told})
        accepted = decision.predicted if decision.decision == "accepted" else ""
        field = RecentField(decision.position, decision.selector, decision.signature, accepted, decision.label)
        judged.append(feedback_row(feedback, FoundField(site, form.origin, answer.request_id, field), None, stamp, is_trusted=False))
    return list(classify_rows(ClassifyRequest(fields=sent.fields, page=sent.page), answer, site, stamp)), judged
