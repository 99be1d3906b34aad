"""The forms of sites whose users agree on fields, to measure versions on: the truth is what the users agree on."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from fieldwise_common.canonical import wire_id
from fieldwise_inference.classify.sites import SiteAnswers
from fieldwise_training.evaluation.predictions import UNKNOWN, TruthForm
from fieldwise_training.feedback.judged import JudgedField
from fieldwise_training.feedback.rebuild import by_form, rebuilt

MAX_FORMS = 500
"""Forms that are classified. If there are more, a hash chooses: the same ones in the next run."""
MAX_FIELDS_IN_ALL = 10_000
"""Fields of these forms: of the largest forms, 500 would take longer than a step may run."""
MAX_FORMS_PER_USER = 3
"""Of one user on one site, so that no user crowds out the forms of others with variants of one."""
HELD_OUT_OF = 5
"""One site in this many is held out."""
CALIBRATION_OF = 2
"""Of the held-out sites, one in this many is for calibration: the gate must not judge thresholds by the votes they were fitted to."""


def agreed_forms(judged: Iterable[JudgedField], sites: SiteAnswers, with_rejected: bool = False) -> tuple[TruthForm, ...]:
    """The forms with a field that the users of their site agree on, within the limits above.

    Of forms with the same fields, which many users of a site send, the one with the newest feedback stands for all. A field
    without an agreed answer has the truth `UNKNOWN`, and perhaps ids that its users agree to reject. Fields that can't be
    parsed, or have no signature (rows of earlier releases), are left out. `with_rejected`: also forms whose users agree on no id, but to
    reject some. The forms that sites or users connect are one cluster, so that whatever a few users agree on, on however many sites,
    is little evidence about a version.
    """
    usable = (row for row in judged if row.signature and row.site in sites.sites)
    newest: dict[tuple[str, ...], list[JudgedField]] = {}
    for form in by_form(usable):
        key = (form[0].site, *(row.signature for row in form))
        if key not in newest or _at(newest[key]) < _at(form):
            newest[key] = form
    chosen: list[TruthForm] = []
    users: list[tuple[str, str]] = []
    fields = 0
    by_user: Counter[tuple[str, str]] = Counter()
    for key in sorted(newest, key=_hash):
        form = newest[key]
        user = (form[0].site, form[0].user)
        made = _form(form, sites) if by_user[user] < MAX_FORMS_PER_USER else None
        if made is None or not (with_rejected or any(truth != UNKNOWN for truth in made.truths)):
            continue
        if len(chosen) == MAX_FORMS or fields + len(made.truths) > MAX_FIELDS_IN_ALL:
            break
        chosen.append(made)
        fields += len(made.truths)
        users.append(user)
        by_user[user] += 1
    return tuple(replace(form, cluster=cluster) for form, cluster in zip(chosen, _clusters(users), strict=True))


def _clusters(users: Sequence[tuple[str, str]]) -> list[str]:
    """For each pair of a site and a user of it, the name of its connected component: the smallest of its sites."""
    component: dict[str, str] = {}

    def root(node: str) -> str:
        while component.setdefault(node, node) != node:
            node = component[node]
        return node

    for site, user in users:
        if user:
            one, other = sorted((root(site), root(f"~{user}")))  # "~" sorts behind every site
            component[other] = one
    return [root(site) for site, _ in users]


def held_out(forms: Iterable[TruthForm]) -> tuple[TruthForm, ...]:
    """The forms of the held-out sites that the gate compares on. No version may be trained or calibrated on the votes of these."""
    return tuple(form for form in forms if is_held_out(form.request.site) and not is_for_calibration(form.request.site))


def for_calibration(forms: Iterable[TruthForm]) -> tuple[TruthForm, ...]:
    """The forms of the other held-out sites: thresholds are fitted to these, and nothing is trained on them."""
    return tuple(form for form in forms if is_held_out(form.request.site) and is_for_calibration(form.request.site))


def is_held_out(site: str) -> bool:
    """Whether a site, by its keyed hash, is held out from training."""
    return int(_hash((site,)), 16) % HELD_OUT_OF == 0


def is_for_calibration(site: str) -> bool:
    """Whether a site, if it is held out, is for calibration and not for the gate."""
    return int(_hash((site,)), 16) // HELD_OUT_OF % CALIBRATION_OF == 0


def _form(rows: Sequence[JudgedField], sites: SiteAnswers) -> TruthForm | None:
    """A form as a client would send it; None if its users agree on none of its fields."""
    form = rebuilt(rows)
    truths = tuple(_truth(sites, row) for row in form.rows)
    rejected = tuple(_rejected(sites, row) for row in form.rows)
    if all(truth == UNKNOWN for truth in truths) and not any(rejected):
        return None
    return TruthForm(f"site {rows[0].site}", "", form.request(), truths, rejected=rejected)


def _truth(sites: SiteAnswers, row: JudgedField) -> str:
    answer = sites.of(row.site).get(row.signature)
    if answer is None or not answer.canonical:
        return UNKNOWN
    return wire_id(answer.canonical)


def _rejected(sites: SiteAnswers, row: JudgedField) -> tuple[str, ...]:
    answer = sites.of(row.site).get(row.signature)
    return answer.rejected if answer is not None and not answer.canonical else ()


def _at(form: Iterable[JudgedField]) -> str:
    return max(row.at for row in form)


def _hash(key: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(key).encode()).hexdigest()
