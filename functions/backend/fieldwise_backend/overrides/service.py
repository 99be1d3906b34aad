"""Overrides are one object in the model store. Every change is a compare-and-swap on the ETag it was computed from."""

import json
import re
from collections.abc import Callable
from datetime import datetime

from fieldwise_backend.autofill.known_ids import KnownIdCheck
from fieldwise_backend.autofill.ports import Inference
from fieldwise_backend.autofill.service import Requester
from fieldwise_backend.hashing import HashKeys, named_site
from fieldwise_backend.memory.service import Memory
from fieldwise_backend.overrides.request import OverrideRequest
from fieldwise_common.auth import ADMIN_SCOPE, Caller
from fieldwise_common.decision_ids import parse_decision_id
from fieldwise_common.decision_log import field_cell
from fieldwise_common.errors import FieldFault, InferenceUnavailable, InvalidRequest, NotFound, StoreError
from fieldwise_common.store.layout import OVERRIDES
from fieldwise_common.store.objects import ObjectMissing, ObjectStore, PreconditionMissed
from fieldwise_common.store.overrides import Override, Overrides, parse_overrides
from fieldwise_common.wire import FieldDescriptor
from fieldwise_common.wire_explain import DebuggedField, MlThresholdRequest

MAX_OVERRIDES = 1_000
MAX_BYTES = 1_500_000
"""Of all overrides. Inference reads them whenever they have changed, and a list of them must fit into Lambda's 6 MB."""
TRIES = 5
"""Attempts at a write when other admins write at the same time."""

_SIGNATURE = re.compile(r"~?[0-9a-f]+-[0-9a-f]+-\d+")
UNKNOWN_DECISION = "is not a decision of yours on this origin in the last 24 hours: classify the form again, or give the `signature`"

Entries = tuple[Override, ...]


class OverrideService:
    """For callers with the admin scope alone; every method raises Forbidden for others.

    `objects` opens the model store; it is called on first use, because few requests need it. Every method raises StoreError, and
    CorruptVersion when the stored object can't be parsed.
    """

    def __init__(
        self,
        objects: Callable[[], ObjectStore],
        inference: Inference,
        ids: KnownIdCheck,
        memory: Memory,
        hash_keys: HashKeys,
        now: Callable[[], datetime],
    ) -> None:
        self._objects = objects
        self._inference = inference
        self._ids = ids
        self._memory = memory
        self._hash_keys = hash_keys
        self._now = now

    def listed(self, caller: Caller) -> Overrides:
        """All overrides, in the order they were made."""
        caller.require(ADMIN_SCOPE)
        return self._read()[0]

    def put(self, requester: Requester, request: OverrideRequest) -> Override:
        """Stores an override, instead of the one for the same field if there is one.

        Raises InvalidRequest: the field can't be found, an id is not known, or there are too many overrides; also what
        `Inference` raises.
        """
        requester.caller.require(ADMIN_SCOPE)
        origin, site = named_site(request.origin, self._hash_keys)
        self._ids.require_known({"/canonical": request.canonical}, requester.authorization)
        override = Override(
            site=site,
            origin=origin,
            signature=self._signature(requester, request, site),
            canonical=request.canonical,
            by=requester.caller.subject,
            at=self._now(),
            why=request.why,
            field=_described(request.field) if request.field is not None else None,
        )

        def add(entries: Entries) -> Entries:
            others = _without(entries, site, override.signature)
            if len(others) >= MAX_OVERRIDES:
                raise _too_many(f"there are already {MAX_OVERRIDES:,} overrides, the most there can be")
            return (*others, override)

        self._change(add)
        return override

    def delete(self, caller: Caller, origin: str, signature: str) -> None:
        """Deletes the override for a field. Raises NotFound when there is none, InvalidRequest for a wrong origin."""
        caller.require(ADMIN_SCOPE)
        _, site = named_site(origin, self._hash_keys)

        def remove(entries: Entries) -> Entries:
            others = _without(entries, site, signature)
            if len(others) == len(entries):
                raise NotFound("there is no override for this origin and signature")
            return others

        self._change(remove)

    def _signature(self, requester: Requester, request: OverrideRequest, site: str) -> str:
        given = [key for key in ("signature", "decision_id", "field") if getattr(request, key)]
        if len(given) != 1:
            raise InvalidRequest("exactly one of `signature`, `decision_id` and `field` is required")
        if request.field is not None:
            if not request.origin.strip():
                raise _invalid("origin", "is required with `field`: without an origin, a field is recognised in its own form only")
            field = DebuggedField.model_validate(request.field.model_dump())
            signature = self._inference.threshold(MlThresholdRequest(field=field), requester.authorization).signature
            if not signature:
                raise InferenceUnavailable("inference still runs an earlier release: try again after the deployment")
            return signature
        if request.signature:
            if not _SIGNATURE.fullmatch(request.signature):
                raise _invalid("signature", "must be a signature, as the memory or the decision log lists them")
            return request.signature
        decision = parse_decision_id(request.decision_id)
        is_of_site = decision is not None and decision.site == site
        found = self._memory.decided(requester.caller, site, decision.request_id, decision.position) if decision and is_of_site else None
        if found is None:
            raise _invalid("decision_id", UNKNOWN_DECISION)
        return found.signature

    def _read(self) -> tuple[Overrides, str | None]:
        """The overrides, and the ETag of their object; None if there is no such object."""
        try:
            found = self._objects().get(OVERRIDES)
        except ObjectMissing:
            return Overrides(), None
        return parse_overrides(found.body), found.etag

    def _change(self, change: Callable[[Entries], Entries]) -> None:
        for _ in range(TRIES):
            stored, etag = self._read()
            body = Overrides(overrides=change(stored.overrides)).model_dump_json(indent=1).encode()
            if len(body) > MAX_BYTES:
                raise _too_many(f"the overrides would have more than {MAX_BYTES:,} bytes")
            try:
                self._objects().put_if(OVERRIDES, body, etag)
            except (PreconditionMissed, ObjectMissing):  # missing: it was deleted since it was read
                continue
            return
        raise StoreError("the overrides were changed by other requests at the same time: try again")


def _described(field: FieldDescriptor) -> FieldDescriptor:
    """A field without most of its options, if they are many or long: every instance of inference reads all overrides."""
    return FieldDescriptor.model_validate({**json.loads(field_cell(field)), "selector": field.selector})


def _without(entries: Entries, site: str, signature: str) -> Entries:
    return tuple(entry for entry in entries if (entry.site, entry.signature) != (site, signature))


def _too_many(detail: str) -> InvalidRequest:
    return InvalidRequest(f"{detail}: delete those that the model agrees with, which the report of a training lists")


def _invalid(key: str, detail: str) -> InvalidRequest:
    return InvalidRequest(f"invalid: /{key}", (FieldFault(f"/{key}", detail),))
