"""Which labels become synonyms, because many sites agree on them."""

import pytest

from fieldwise_inference.classify.sites import SiteAnswer, SiteAnswers
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.evaluation.agreed import is_held_out
from fieldwise_training.feedback.learned import LearnedText
from fieldwise_training.feedback.texts import MIN_SITES, as_entries, learned_texts
from fieldwise_training.feedback.votes import MAX_LABEL, Vote

SITES = [site for number in range(200) if not is_held_out(site := f"{number:016x}")]
HELD_OUT = [site for number in range(200) if is_held_out(site := f"{number:016x}")]
SHIPPED = (Entry("email", "Email"), Entry("tel", "Phone"), Entry("none:search", "Search"))
QUORUM = 3


def votes(sites: list[str], canonical: str = "tel", label: str = "Mobile no.", users: str = "abc", signature: str = "s0") -> list[Vote]:
    return [Vote(site, signature, user, canonical, label=label, at="2026-11-29T10:00:00.000Z") for site in sites for user in users]


def agreed(given: list[Vote]) -> SiteAnswers:
    """The answer of every field with votes, as three users agree on it."""
    sites: dict[str, dict[str, SiteAnswer]] = {}
    for vote in given:
        sites.setdefault(vote.site, {})[vote.signature] = SiteAnswer(canonical=vote.canonical, agree=3)
    return SiteAnswers(sites=sites)


def test_a_label_that_enough_sites_agree_on_becomes_a_synonym() -> None:
    given = votes(SITES[:MIN_SITES])

    found = learned_texts(given, agreed(given), SHIPPED, QUORUM)

    assert found == (LearnedText(text="mobile no", canonical="tel", sites=5, users=3, against=0),)
    assert as_entries(found) == [Entry("tel", "mobile no")]


@pytest.mark.parametrize(
    "given",
    [
        votes(SITES[: MIN_SITES - 1]),
        votes(HELD_OUT[:MIN_SITES]),
        votes(SITES[:MIN_SITES], label="Email"),
        votes(SITES[:MIN_SITES], canonical="none"),
        votes(SITES[:MIN_SITES], canonical="no-such-id"),
        votes(SITES[:MIN_SITES], label="m" * MAX_LABEL),
        votes(SITES[:MIN_SITES], label=""),
        votes(SITES[:MIN_SITES], users="ab"),
    ],
    ids=["too few sites", "held-out sites", "another id has it", "none", "unknown id", "may be cut", "no label", "too few users"],
)
def test_other_labels_do_not(given: list[Vote]) -> None:
    assert learned_texts(given, agreed(given), SHIPPED, QUORUM) == ()


def test_sites_without_an_answer_of_their_own_are_not_enough() -> None:
    assert learned_texts(votes(SITES[:50]), SiteAnswers(), SHIPPED, QUORUM) == ()


@pytest.mark.parametrize(("agreeing", "is_learned"), [(18, False), (19, True)])
def test_hardly_any_site_may_disagree_even_by_one_users_vote(agreeing: int, is_learned: bool) -> None:
    given = votes(SITES[:agreeing])
    sites = agreed(given)

    found = learned_texts([*given, *votes(SITES[-1:], "email", users="z")], sites, SHIPPED, QUORUM)

    assert [(text.sites, text.against) for text in found] == ([(19, 1)] if is_learned else [])


def test_a_label_that_means_two_things_on_one_site_is_against_itself() -> None:
    given = [*votes(SITES[:MIN_SITES]), *votes(SITES[:1], "email", signature="s1")]

    assert learned_texts(given, agreed(given), SHIPPED, QUORUM) == ()
