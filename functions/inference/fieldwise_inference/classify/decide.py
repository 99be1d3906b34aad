"""Decides about every question of a form: what is certain first, the ranker for the rest, then contradictions, then repeated blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldwise_common.decision_ids import DecisionId, new_request_id
from fieldwise_common.wire import (
    Decision,
    FieldDescriptor,
    KnownAtDecision,
    Match,
    MlClassifyRequest,
    MlClassifyResponse,
    first_by_selector,
)
from fieldwise_common.wire_types import origin_of
from fieldwise_inference.classify.autocomplete import attributes
from fieldwise_inference.classify.certain import certain
from fieldwise_inference.classify.code import code_version
from fieldwise_inference.classify.conflicts import settle
from fieldwise_inference.classify.entries import numbered
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.fillable import by_type, is_unseen
from fieldwise_inference.classify.form_place import FormPlace, form_place
from fieldwise_inference.classify.known import NOTHING_KNOWN, Known, known_fields, of_question
from fieldwise_inference.classify.loaded_version import LoadedVersion
from fieldwise_inference.classify.questions import Question, questions
from fieldwise_inference.classify.ranker.candidates import needs_candidates
from fieldwise_inference.classify.ranker.decide import by_rank
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.signature import Signature, signatures

DUPLICATE = Ruling("ignored", "type", signals=("duplicate-selector",))


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A request's form before it is decided.

    - views: its fields with different selectors, in page order.
    - signatures, known: of each field, its signature and what people said about it.
    - questions: which fields are one question.
    - origin: of its page; "" if that is not known.
    - place: where it is from.
    """

    views: Sequence[FieldView]
    signatures: Sequence[Signature]
    known: Sequence[Known]
    questions: Sequence[Question]
    origin: str
    place: FormPlace


def asked_form(version: LoadedVersion, request: MlClassifyRequest) -> AskedForm:
    """The form of a request, with what is known of its fields."""
    views = [FieldView(field) for field in first_by_selector(request.fields).values()]
    origin = origin_of(request.page.origin)
    signed = signatures(views, origin)
    known = known_fields(signed, request.remembered, version.overrides_of(request.site), version.sites.of(request.site), version.knows)
    return AskedForm(views, signed, known, questions(views), origin, form_place(views, origin))


def classify(version: LoadedVersion, request: MlClassifyRequest) -> MlClassifyResponse:
    """Classifies the fields of a form: a decision for every field, and a match for every accepted one."""
    form = asked_form(version, request)
    views, signed, known, asked, place = form.views, form.signatures, form.known, form.questions, form.place
    rulings = rule(version, views, known, asked, place)
    request_id = new_request_id()
    positions = {field.selector: position for position, field in reversed(list(enumerate(request.fields)))}

    def decision(field: FieldDescriptor, position: int, ruling: Ruling, **of_the_field: Any) -> Decision:
        return _decision(field, str(DecisionId(request_id, request.site, position)), position, ruling, **of_the_field)

    decided = [
        decision(view.field, positions[view.field.selector], ruling, text=view.text, signature=str(signature), known=own.logged)
        for view, ruling, signature, own in zip(views, rulings, signed, known, strict=True)
    ]
    joined = {
        member: {"question": decided[question.members[0]].decision_id, "group": _label(question.view), "options": ()}
        for question in asked
        if len(question.members) > 1
        for member in question.members
    }
    repeated = [(field, position) for position, field in enumerate(request.fields) if positions[field.selector] != position]
    return MlClassifyResponse(
        matches=tuple(
            _match(view, made, ruling, {"lang": place.tag_of(view.field.lang), **joined.get(row, {})})
            for row, (view, made, ruling) in enumerate(zip(views, decided, rulings, strict=True))
            if made.decision == "accepted"
        ),
        model_version=version.version,
        decisions=(*decided, *(decision(field, position, DUPLICATE) for field, position in repeated)),
        request_id=request_id,
        code=code_version(),
        ignored=request.ignored,
    )


def texts_to_embed(version: LoadedVersion, fields: Sequence[FieldDescriptor]) -> list[str]:
    """The texts that deciding about a form embeds, without feedback on it."""
    rows = [question.view for question in questions([FieldView(field) for field in fields])]
    settled = certain(rows, version.lexicon)
    return [view.text for view, ruling in zip(rows, settled, strict=True) if needs_candidates(view, ruling, version.lexicon)]


def rule(
    version: LoadedVersion,
    views: Sequence[FieldView],
    known: Sequence[Known] = (),
    asked: Sequence[Question] | None = None,
    place: FormPlace | None = None,
) -> list[Ruling]:
    """One decision per field of a form, in page order.

    `known`: what people said about each; empty: nothing about any. `asked`: the form's `questions`, and `place`: where it is from, if the
    caller has them already.
    """
    known = known or [NOTHING_KNOWN] * len(views)
    asked = questions(views) if asked is None else asked
    rows = [question.view for question in asked]
    said = [of_question([known[member] for member in question.members]) for question in asked]
    settled = certain(rows, version.lexicon, said)
    rejected = [own.rejected for own in said]
    if version.ranker is not None:
        decided = by_rank(version, version.ranker, rows, settled, rejected, place)
    else:
        from fieldwise_inference.classify.without_ranker.decide import by_rules  # versions without a ranker are rare

        decided = by_rules(version, rows, settled, rejected)
    explained = [
        ruling if before is not None or attribute is None else ruling.with_signal(*attribute.signals)
        for ruling, before, attribute in zip(decided, settled, attributes(rows, version.lexicon), strict=True)
    ]
    rulings = numbered(rows, settle(rows, explained))
    by_member = {member: ruling for question, ruling in zip(asked, rulings, strict=True) for member in question.members}
    unseen = {position: ruling for position, view in enumerate(views) if is_unseen(view) and (ruling := by_type(view)) is not None}
    every = by_member | unseen
    return [every[position] for position in range(len(views))]


def _decision(
    field: FieldDescriptor,
    decision_id: str,
    position: int,
    ruling: Ruling,
    text: str = "",
    signature: str = "",
    known: KnownAtDecision | None = None,
) -> Decision:
    return Decision(
        decision_id=decision_id,
        selector=field.selector,
        label=field.label,
        placeholder=field.placeholder,
        field_type=field.type,
        required=field.required,
        predicted=ruling.canonical,
        score=round(ruling.score, 4),
        threshold_used=round(ruling.threshold, 4),
        confidence_signals=ruling.signals,
        decision=ruling.outcome,
        method=ruling.method,
        text=text,
        position=position,
        signature=signature,
        known=known,
    )


def _match(view: FieldView, decision: Decision, ruling: Ruling, around: Mapping[str, object]) -> Match:
    """`around`: what the field's slice has of its question and of its form.

    The slice's label is what decided: an ARIA label may name a unit, or say "not". So may a name, where there is nothing else; but that of
    a radio is its question's.
    """
    label = view.given_label if view.kind == "radio" else _label(view)
    described_by = view.field.described_by or view.field.title
    return Match.model_construct(  # every value has been validated as part of the field or of its decision
        selector=decision.selector,
        canonical=decision.predicted,
        score=decision.score,
        threshold_used=decision.threshold_used,
        confidence_signals=decision.confidence_signals,
        method=decision.method,
        decision_id=decision.decision_id,
        entry=ruling.entry,
        field=view.field.slice(label=label, described_by=described_by, **around),
    )


def _label(view: FieldView) -> str:
    return view.given_label or view.name_alone
