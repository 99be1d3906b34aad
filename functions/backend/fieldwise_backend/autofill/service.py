"""Classify, fill, feedback, and debugging. Every decision is logged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fieldwise_backend.autofill.decision_rows import Stamp, classify_rows, feedback_row, fill_rows
from fieldwise_backend.autofill.known_ids import KnownIdCheck
from fieldwise_backend.autofill.ports import DecisionLog, Inference, ProfileReader
from fieldwise_backend.flatten.mapping import flatten
from fieldwise_backend.hashing import HashKey, HashKeys
from fieldwise_backend.memory.service import Memory
from fieldwise_common.auth import ADMIN_SCOPE, Caller
from fieldwise_common.decision_ids import parse_decision_id
from fieldwise_common.errors import FieldFault, InvalidRequest
from fieldwise_common.wire import (
    ClassifyRequest,
    ClassifyResponse,
    FeedbackRequest,
    FillRequest,
    FillResponse,
    MlClassifyRequest,
    MlFillRequest,
    Page,
)
from fieldwise_common.wire_explain import DebuggedField, MlThresholdRequest, ThresholdRequest, ThresholdResponse
from fieldwise_common.wire_types import origin_of

UNKNOWN_DECISION = "is not a decision of yours about one of these fields in the last 24 hours: classify the form again, or give the `field`"


@dataclass(frozen=True, slots=True)
class Requester:
    """A verified caller, and the Authorization header to forward to inference; it is left out of `repr`, and so out of logs."""

    caller: Caller
    authorization: str = field(repr=False)


class AutofillService:
    """Calls inference on behalf of a requester. `now` returns the current time with its time zone.

    Its methods raise what `Inference` raises; `fill` also StoreError.
    """

    def __init__(
        self,
        inference: Inference,
        ids: KnownIdCheck,
        profiles: ProfileReader,
        memory: Memory,
        log: DecisionLog,
        hash_keys: HashKeys,
        now: Callable[[], datetime],
    ) -> None:
        self._inference = inference
        self._ids = ids
        self._profiles = profiles
        self._memory = memory
        self._log = log
        self._hash_keys = hash_keys
        self._now = now

    def classify(self, requester: Requester, request: ClassifyRequest) -> ClassifyResponse:
        """The accepted matches. Every decision is logged, accepted or not; clients get the matches alone.

        Inference gets what the requester remembers of the site, and the form is kept, so that feedback finds its fields.
        """
        key, origin = self._hash_keys.read(), origin_of(request.page.origin)
        site = key.site(origin)
        recalled = self._memory.recall(requester.caller, site)
        asked = MlClassifyRequest(
            fields=request.fields, ignored=request.ignored, page=Page(origin=origin), site=site, remembered=recalled.entries
        )
        answer = self._inference.classify(asked, requester.authorization)
        self._log.append(classify_rows(request, answer, site, self._stamp(requester, key)))
        self._memory.keep_form(requester.caller, site, origin, recalled, answer)
        return ClassifyResponse(matches=answer.matches, model_version=answer.model_version, ignored=request.ignored)

    def fill(self, requester: Requester, request: FillRequest) -> FillResponse:
        """Values for matches from the requester's own profile; without a profile, every match is unfilled."""
        profile = self._profiles.read_or_empty(requester.caller)
        values = flatten(profile, self._now().date())
        answer = self._inference.fill(MlFillRequest(user_profile=values, matches=request.matches), requester.authorization)
        self._log.append(fill_rows(request.matches, answer, self._stamp(requester, self._hash_keys.read())))
        return answer

    def give_feedback(self, requester: Requester, feedback: FeedbackRequest) -> bool:
        """Logs whether a match was right, with the correction if there is one; returns whether the requester's memory has it too.

        The field is looked up in the forms of the site that the decision id names. Without a decision id: in those of the URL's
        origin, else among those classified without an origin. Raises InvalidRequest for an id that the live version does not know.
        """
        ids = {"/canonical": feedback.canonical, "/corrected_to": feedback.corrected_to}
        self._ids.require_known(ids, requester.authorization)
        key, decision = self._hash_keys.read(), parse_decision_id(feedback.decision_id)
        named = [decision.site] if decision is not None else [key.site(origin_of(feedback.url)), key.site("")]
        sites = tuple(dict.fromkeys(site for site in named if site))
        found = self._memory.find(requester.caller, sites, decision.request_id if decision is not None else "", feedback)
        is_trusted = ADMIN_SCOPE in requester.caller.scopes
        self._log.append([feedback_row(feedback, found, decision, self._stamp(requester, key), is_trusted=is_trusted)])
        return found is not None and self._memory.learn(requester.caller, found, feedback)

    def threshold(self, requester: Requester, request: ThresholdRequest) -> ThresholdResponse:
        """The decision about one field, explained; with `fields` or `page`, with what the requester had said about the site.

        Raises InvalidRequest if `decision_id` is in none of the requester's recent forms, or about none of the fields; StoreError.
        """
        if request.decision_id:
            request = self._of_decision(requester.caller, request)
        asked = MlThresholdRequest(canonical=request.canonical, fields=request.fields, page=request.page, field=request.field)
        if request.fields or request.page is not None:
            origin = origin_of(request.page.origin) if request.page is not None else ""
            site = self._hash_keys.read().site(origin)
            remembered = self._memory.recall(requester.caller, site).entries
            asked = asked.model_copy(update={"page": Page(origin=origin), "site": site, "remembered": remembered})
        return self._inference.threshold(asked, requester.authorization)

    def _of_decision(self, caller: Caller, request: ThresholdRequest) -> ThresholdRequest:
        """The request with the field and the page of the decision that it names."""
        decision = parse_decision_id(request.decision_id)
        if not request.fields:
            raise _invalid("fields", "is required with `decision_id`, as no form's texts are stored: send the form as it was classified")
        asked = request.fields[decision.position] if decision is not None and decision.position < len(request.fields) else None
        origin = self._memory.origin_of(caller, decision, asked.selector) if decision is not None and asked is not None else None
        if asked is None or origin is None:
            raise _invalid("decision_id", UNKNOWN_DECISION)
        named = {"field": DebuggedField(selector=asked.selector), "page": Page(origin=origin), "decision_id": ""}
        return request.model_copy(update=named)

    def _stamp(self, requester: Requester, key: HashKey) -> Stamp:
        return Stamp(at=self._now(), user_hash=key.user(requester.caller))


def _invalid(key: str, detail: str) -> InvalidRequest:
    return InvalidRequest(f"`{key}` {detail}", (FieldFault(f"/{key}", detail),))
