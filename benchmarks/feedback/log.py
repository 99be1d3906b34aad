"""Makes a decision log: forms of twelve fields, half of them filled, with corrections, written by the codec of the log."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

from fieldwise_common.decision_ids import DecisionId
from fieldwise_common.decision_log import LogRow, encode, field_cell
from fieldwise_common.wire import FieldDescriptor

FIELDS = 12
FILLED = 6
"""`fill` rows of a form."""
USERS = 1_000
SITES = 2_000
FIRST_HOUR = datetime(2026, 11, 1, tzinfo=UTC)
LABELS = (
    ("First name", "given-name"),
    ("Last name", "family-name"),
    ("Email address", "email"),
    ("Phone", "tel"),
    ("Street address", "address-line1"),
    ("Apartment, suite, etc.", "address-line2"),
    ("City", "address-level2"),
    ("State / Province", "address-level1"),
    ("Postal code", "postal-code"),
    ("Country", "country"),
    ("Company", "organization"),
    ("Where did you hear about us?", "none"),
)


@dataclass(frozen=True, slots=True)
class Share:
    """The rows of one form: those of `classify` and `fill`, which every form has, and `feedback` rows of feedback."""

    feedback: int

    @property
    def rows(self) -> int:
        """Rows of a form."""
        return FIELDS + FILLED + self.feedback


def objects(rows: int, count: int, share: Share) -> Iterator[tuple[str, str]]:
    """`count` objects with `rows` rows together, as key below the log and content; the hours follow each other.

    The same every time.
    """
    random = Random(7)  # noqa: S311 no secret
    forms = max(1, round(rows / share.rows))
    begun = 0
    for number in range(count):
        hour = FIRST_HOUR + timedelta(hours=number * 24 * 14 // count)
        due = forms * (number + 1) // count
        made = "".join(encode(_form(random, hour, share)) for _ in range(due - begun))
        begun = due
        yield f"{hour:%Y/%m/%d/%H}/part-{number:06}", made


def _form(random: Random, hour: datetime, share: Share) -> list[LogRow]:
    """The rows of one form that a user classifies, fills and corrects."""
    site, user = random.randrange(SITES), random.randrange(USERS)
    request_id = uuid.UUID(int=random.getrandbits(128), version=4).hex
    at = hour + timedelta(seconds=random.random() * 3_000)
    common = LogRow(
        timestamp=_stamp(at),
        route="classify",
        selector="",
        user_hash=sha256(f"user {user}".encode()).hexdigest(),
        origin=f"https://www.site-{site}.example",
        model_version="embeddings_v20261101T000000Z-3f9a2c",
        method="ranker",
        request_id=request_id,
        site=sha256(f"site {site}".encode()).hexdigest()[:16],
    )
    fields = [_field(common, site, position) for position in range(FIELDS)]
    filled = [replace(row, route="fill", decision="filled", request_id="", field="", timestamp=_stamp(at, 2)) for row in fields[:FILLED]]
    corrected = [_feedback(row, LABELS[(position + 1) % FIELDS][1], _stamp(at, 60)) for position, row in enumerate(fields)]
    return [*fields, *filled, *random.sample(corrected, share.feedback)]


def _field(common: LogRow, site: int, position: int) -> LogRow:
    label, canonical = LABELS[position]
    name = f"{label.split()[0].lower()}_{site}"
    field = FieldDescriptor(selector=f"#{name}", label=label, name=name, id=name, placeholder=f"Enter {label}", type="text", required=True)
    key = sha256(name.encode()).hexdigest()
    return replace(
        common,
        selector=f"form > div:nth-child({position}) input#{name}",
        label=label,
        placeholder=field.placeholder,
        field_type="text",
        required="true",
        predicted=canonical,
        score="0.943215",
        threshold_used="0.72",
        confidence_signals=f"label:{label};ranker:0.94",
        decision="accepted",
        decision_id=str(DecisionId(common.request_id, common.site, position)),
        text=label,
        position=str(position),
        signature=f"{key[:10]}-{key[10:20]}-0",
        field=field_cell(field),
    )


def _feedback(row: LogRow, right: str, at: str) -> LogRow:
    return LogRow(
        timestamp=at,
        route="feedback",
        selector=row.selector,
        predicted=row.predicted,
        decision="incorrect",
        decision_id=row.decision_id,
        user_hash=row.user_hash,
        origin=row.origin,
        corrected_to=right,
        request_id=row.request_id,
        position=row.position,
        signature=row.signature,
        site=row.site,
    )


def _stamp(at: datetime, later: float = 0) -> str:
    return (at + timedelta(seconds=later)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
