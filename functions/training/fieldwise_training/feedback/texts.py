"""Labels that mean the same id on many sites: they become synonyms of it, in lexicon and index."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fieldwise_common.canonical import is_negative
from fieldwise_inference.classify.sites import SiteAnswers
from fieldwise_inference.classify.text import normalise
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.evaluation.agreed import is_held_out
from fieldwise_training.feedback.learned import LearnedText
from fieldwise_training.feedback.votes import MAX_LABEL, Vote, by_field

MIN_SITES = 5
"""Sites whose users agree that a label means the id."""
MIN_SHARE = 0.95
"""Of all sites with something known of the label: those that agree."""


def learned_texts(votes: Iterable[Vote], sites: SiteAnswers, shipped: Sequence[Entry], quorum: int) -> tuple[LearnedText, ...]:
    """The labels that at least `MIN_SITES` sites agree on, with hardly any site against, sorted.

    A site is for an id if its users agree on it (`sites`), and against if most of them name another id, or reject this one. All
    sites together need `quorum` distinct users, as an admin's word alone makes a site's answer. Labels that are among the `shipped`
    synonyms, of whatever id, are left out: a text can mean one id only. So are labels that may have been cut, `none` (the ranker
    learns it from the form around the field), and the sites held out for the gate.
    """
    taken = {normalise(entry.text) for entry in shipped}
    known = {entry.canonical for entry in shipped}
    agreeing: dict[tuple[str, str], set[str]] = defaultdict(set)
    saying: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (site, signature), own in by_field(votes).items():
        labels = {normalise(vote.label) for vote in own if 0 < len(vote.label) < MAX_LABEL} - {""}
        if is_held_out(site) or len(labels) != 1:
            continue
        [label] = labels
        agreed = sites.of(site).get(signature)
        canonical = agreed.canonical if agreed is not None else ""
        if canonical in known and not is_negative(canonical):
            agreeing[label, canonical].add(site)
            users[label, canonical].update(vote.user for vote in own if vote.canonical == canonical)
        saying[label][site].add(canonical or _most_frequent(own))
    found = []
    for (label, canonical), for_it in sorted(agreeing.items()):
        against = {site for site, said in saying[label].items() if said != {canonical}}
        is_clear = len(for_it - against) >= MIN_SHARE * len(for_it | against)
        if label not in taken and len(for_it - against) >= MIN_SITES and len(users[label, canonical]) >= quorum and is_clear:
            found.append(
                LearnedText(
                    text=label,
                    canonical=canonical,
                    sites=len(for_it - against),
                    users=len(users[label, canonical]),
                    against=len(against),
                )
            )
    return tuple(found)


def as_entries(texts: Iterable[LearnedText]) -> list[Entry]:
    """The texts as synonyms of their ids."""
    return [Entry(text.canonical, text.text) for text in texts]


def _most_frequent(votes: Sequence[Vote]) -> str:
    """The id that most users name; "" if more only reject one."""
    named = [vote.canonical for vote in votes]
    return max(sorted(set(named)), key=named.count)
