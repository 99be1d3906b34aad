"""`learned.json`: which answers of sites a version has that its parent does not have, and the other way round; and the texts it learned."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_training.feedback.votes import Vote


class LearnedAnswer(BaseModel):
    """One difference to the parent: what the users of a site agree on about a field."""

    model_config = ConfigDict(frozen=True)

    change: Literal["new", "changed", "dropped"]
    site: str
    """The keyed hash of the site's origin."""
    signature: str
    label: str
    """The field's label that most votes have; "" if unknown."""
    before: SiteAnswer | None = None
    """The parent's answer; None if it is new."""
    after: SiteAnswer | None = None
    """This version's answer; None if it was dropped."""


class LearnedText(BaseModel):
    """A label that means one id on many sites, and so became a synonym of it."""

    model_config = ConfigDict(frozen=True)

    text: str
    """Normalised."""
    canonical: str
    sites: int
    """Sites whose users agree on it."""
    users: int
    """Distinct users who named the id on these sites."""
    against: int
    """Sites whose users say otherwise."""


class Learned(BaseModel):
    """`learned.json`: the answers sorted by site and signature, the texts by text."""

    model_config = ConfigDict(frozen=True)

    answers: tuple[LearnedAnswer, ...] = ()
    texts: tuple[LearnedText, ...] = ()
    """All that the version has, whether the parent has them or not."""


def difference(before: SiteAnswers, after: SiteAnswers, votes: Iterable[Vote]) -> Learned:
    """The answers whose ids differ; other counts alone are no difference. `votes` have the labels."""
    old, new = _flat(before), _flat(after)
    differing = sorted(field for field in old.keys() | new.keys() if _ids(old.get(field)) != _ids(new.get(field)))
    labels: dict[tuple[str, str], Counter[str]] = {field: Counter() for field in differing}
    for vote in votes:
        if vote.label and vote.field in labels:
            labels[vote.field][vote.label] += 1
    return Learned(
        answers=tuple(
            LearnedAnswer(
                change="new" if field not in old else "dropped" if field not in new else "changed",
                site=field[0],
                signature=field[1],
                label=min(labels[field], key=lambda label: (-labels[field][label], label), default=""),
                before=old.get(field),
                after=new.get(field),
            )
            for field in differing
        )
    )


def _flat(sites: SiteAnswers) -> dict[tuple[str, str], SiteAnswer]:
    return {(site, signature): answer for site, answers in sites.sites.items() for signature, answer in answers.items()}


def _ids(answer: SiteAnswer | None) -> tuple[str, tuple[str, ...]] | None:
    return (answer.canonical, answer.rejected) if answer is not None else None
