"""What people have said about a form's fields: this user's corrections, an admin's overrides, what the site's users agree on.

The user's own feedback comes first, an override second, what the site's users agree on third. The field never gets an id that the
user has rejected, even if others agree on it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fieldwise_common.canonical import is_negative
from fieldwise_common.store.overrides import Override
from fieldwise_common.wire import KnownAtDecision, KnownField, Method, Outcome
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.signature import Signature, names_of
from fieldwise_inference.classify.sites import SiteAnswer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one field: the ruling, if the right id is known, and the ids that are known to be wrong."""

    ruling: Ruling | None = None
    rejected: frozenset[str] = frozenset()
    logged: KnownAtDecision | None = None
    """What of this is not in the version, and so has to be logged with the decision."""


NOTHING_KNOWN = Known()
AUTHORITY: tuple[Method, ...] = ("remembered", "override", "site")
"""The methods by which people decide; the earlier one counts."""


def known_fields(
    form: Sequence[Signature],
    remembered: Sequence[KnownField],
    overrides: Mapping[str, Override],
    agreed: Mapping[str, SiteAnswer],
    knows: Callable[[str], bool],
) -> list[Known]:
    """What is known of each field of a form.

    `overrides` and `agreed`: of the form's site, by signature. Ids that the version does not know (`knows`) are passed over: the
    canonical data may have lost them since.
    """
    own = recognise(form, {entry.signature: entry for entry in remembered})
    by_admin = recognise(form, overrides)
    by_site = recognise(form, agreed)
    return [_combined(*found, knows) for found in zip(own, by_admin, by_site, strict=True)]


def recognise(form: Sequence[Signature], entries: Mapping[str, T]) -> list[T | None]:
    """The entry of each field of a form; None for a field without one. `entries`: what is known of a site, by signature.

    A field has the entry with its signature. A field without one, whose label may have changed, has the entry with the same
    names, if those are not weak, and no other field of the form and no other entry of the site has them.
    """
    if not entries:
        return [None] * len(form)
    found = [entries.get(str(signature)) for signature in form]
    names_in_form = Counter(signature.names for signature in form)
    rest = [i for i, s in enumerate(form) if found[i] is None and not s.is_weak and names_in_form[s.names] == 1]
    if rest:
        by_names: dict[str, list[T]] = {form[i].names: [] for i in rest}
        for text, entry in entries.items():
            names = names_of(text)
            if names in by_names:
                by_names[names].append(entry)
        for i in rest:
            same = by_names[form[i].names]
            found[i] = same[0] if len(same) == 1 else None
    return found


def _combined(own: KnownField | None, override: Override | None, agreed: SiteAnswer | None, knows: Callable[[str], bool]) -> Known:
    if own is None and override is None and agreed is None:
        return NOTHING_KNOWN
    rejected = frozenset(own.rejected if own is not None else ())
    said: list[tuple[str, Method, str]] = []
    if own is not None:
        said.append((own.canonical, "remembered", f"remembered:{own.canonical}"))
    if override is not None:
        said.append((override.canonical, "override", f"override:{override.canonical}"))
    if agreed is not None:
        votes = f"{agreed.agree}+{agreed.against}-" + (",trusted" if agreed.trusted else "")
        said.append((agreed.canonical, "site", f"site:{agreed.canonical}@{votes}"))
    ruling = next((_ruling(*one) for one in said if one[0] and one[0] not in rejected and knows(one[0])), None)
    return Known(ruling, rejected | frozenset(agreed.rejected if agreed is not None else ()), _logged(own, override))


def of_question(members: Sequence[Known]) -> Known:
    """What is known of a question: what people said about any of its fields holds for all of them.

    If they said different things, the more authoritative method counts, then the first field; and no id that was rejected for one of
    them.
    """
    if len(members) == 1 or all(own is NOTHING_KNOWN for own in members):
        return members[0]
    rejected = frozenset[str]().union(*(own.rejected for own in members))
    rulings = [own.ruling for own in members if own.ruling is not None and own.ruling.canonical not in rejected]
    return Known(min(rulings, key=lambda ruling: AUTHORITY.index(ruling.method), default=None), rejected)


def _logged(own: KnownField | None, override: Override | None) -> KnownAtDecision | None:
    if own is None and override is None:
        return None
    return KnownAtDecision(
        canonical=own.canonical if own is not None else "",
        rejected=own.rejected if own is not None else (),
        override=override.canonical if override is not None else "",
    )


def _ruling(canonical: str, method: Method, signal: str) -> Ruling:
    outcome: Outcome = "nothing" if is_negative(canonical) else "accepted"
    return Ruling(outcome, method, canonical, 1.0, 1.0, (signal,))
