"""What a version learned from its users: the site answers that are new, changed or dropped since its parent."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_training.feedback.votes import Vote

MAX_LISTED = 10_000
"""Site answers that a report lists, so that a page stays readable; the rest are counted."""

Change = Literal["new", "changed", "dropped"]


class Lesson(BaseModel):
    """One field of one site whose answer is another than in the parent. No site is named: `site` is the keyed hash of its origin."""

    model_config = ConfigDict(frozen=True)

    change: Change
    site: str
    signature: str
    label: str
    """The field's label in the newest vote that has one; "" if there are no votes on it any more."""
    before: str
    """See `described`; "" for a new answer."""
    after: str
    """"" for a dropped answer."""
    agree: int
    """Distinct users, as those below."""
    against: int
    trusted: bool
    """Whether an admin decided."""


class Learned(BaseModel):
    """All that a version learned."""

    model_config = ConfigDict(frozen=True)

    new: int = 0
    changed: int = 0
    dropped: int = 0
    lessons: tuple[Lesson, ...] = ()
    """By site and signature; at most `MAX_LISTED`."""


def learned(before: SiteAnswers, after: SiteAnswers, votes: Iterable[Vote]) -> Learned:
    """Compares the answers of the parent with those of the version. `votes` give the labels."""
    lessons = tuple(_lessons(before, after, _labels(votes)))
    counts = {change: sum(lesson.change == change for lesson in lessons) for change in ("new", "changed", "dropped")}
    return Learned(**counts, lessons=lessons[:MAX_LISTED])


def described(answer: SiteAnswer | None) -> str:
    """An answer in words: `email`, `none`, `not tel`, `email, not tel`; "" for None."""
    if answer is None:
        return ""
    rejected = f"not {' or '.join(answer.rejected)}" if answer.rejected else ""
    return ", ".join(filter(None, (answer.canonical, rejected)))


def _lessons(before: SiteAnswers, after: SiteAnswers, labels: dict[tuple[str, str], str]) -> Iterator[Lesson]:
    for site in sorted({*before.sites, *after.sites}):
        old, new = before.of(site), after.of(site)
        for signature in sorted({*old, *new}):
            was, now = described(old.get(signature)), described(new.get(signature))
            if was == now:
                continue
            votes = new.get(signature, SiteAnswer())
            yield Lesson(
                change="new" if not was else "changed" if now else "dropped",
                site=site,
                signature=signature,
                label=labels.get((site, signature), ""),
                before=was,
                after=now,
                agree=votes.agree,
                against=votes.against,
                trusted=votes.trusted,
            )


def _labels(votes: Iterable[Vote]) -> dict[tuple[str, str], str]:
    """The label of each field in its newest vote that has one."""
    ordered = sorted(votes, key=lambda vote: (vote.at, vote.user))
    return {vote.field: vote.label for vote in ordered if vote.label}
