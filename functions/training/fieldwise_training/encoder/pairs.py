"""What fine-tuning learns from: synonyms, the texts of fields, and texts that people rejected for an id."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fieldwise_common.canonical import NOTHING
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.text import normalise
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.corpus import Form
from fieldwise_training.evaluation.agreed import is_held_out
from fieldwise_training.feedback.agreement import MAJORITY
from fieldwise_training.feedback.pairs import Pairs
from fieldwise_training.feedback.votes import Vote

MIN_USERS = 2
"""Users who must say the same about a text, unless one of them is an admin: one person's word changes no encoder."""

Meaning = tuple[str, str]
"""A text and a canonical id."""


@dataclass(frozen=True, slots=True)
class FieldText:
    """The text of an authored field with an id, as inference embeds it."""

    site: str
    lang: str
    text: str
    canonical: str


@dataclass(frozen=True, slots=True)
class Said:
    """What users say about texts: the ids they confirm and reject. `contradictory`: texts about which they disagree."""

    confirmed: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[Meaning, ...] = ()
    contradictory: int = 0


@dataclass(frozen=True, slots=True)
class TuningData:
    """The texts of each id. `synonyms` are indexed, so that each of them means one id only; `texts` are labels of fields."""

    synonyms: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rejected: tuple[Meaning, ...] = ()

    @property
    def pairs(self) -> int:
        """How many texts can be paired with a synonym of the same id."""
        return sum(len(self.texts.get(canonical, ())) + (len(own) if len(own) > 1 else 0) for canonical, own in self.synonyms.items())


def embedded_fields(forms: Iterable[Form], lexicon: Lexicon) -> Iterator[FieldText]:
    """The fields whose nearest synonyms inference looks up: with an id, and a label that the lexicon does not have."""
    for form in forms:
        for authored, described in zip(form.fields, form.request().fields, strict=True):
            view = FieldView(described)
            if authored.truth != NOTHING and view.text and lexicon.lookup(view.label) is None:
                yield FieldText(form.site, form.lang, view.text, authored.truth)


def said_about_texts(votes: Iterable[Vote], known: frozenset[str]) -> Said:
    """What the users of all sites that are not held out say about labels.

    A label means the id that at least `MIN_USERS` users confirm, or an admin, and a share of `MAJORITY` of all with an opinion on it;
    a rejected id needs the same, those who confirm it counting against. It is spelled as by most of its users.
    """
    confirming: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rejecting: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    trusted: set[Meaning] = set()
    spelled: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for vote in votes:
        key = normalise(vote.label)
        if not key or is_held_out(vote.site):
            continue
        spelled[key][vote.label].add(vote.user)
        for canonical, found in ((vote.canonical, confirming), (vote.rejected, rejecting)):
            if canonical in known or (canonical == NOTHING and found is confirming):
                found[key][canonical].add(vote.user)
                if vote.trusted:
                    trusted.add((key, canonical))

    def holds(key: str, canonical: str, agreeing: int, against: int) -> bool:
        return (agreeing >= MIN_USERS or (key, canonical) in trusted) and agreeing >= MAJORITY * (agreeing + against)

    confirmed: dict[str, str] = {}
    rejected: list[Meaning] = []
    contradictory = 0
    for key in sorted(spelled):
        _, spelling = min((-len(users), label) for label, users in spelled[key].items())
        by_id, against_id = confirming.get(key, {}), rejecting.get(key, {})
        voices = sum(map(len, by_id.values()))
        agreed = [c for c in sorted(by_id) if holds(key, c, len(by_id[c]), voices - len(by_id[c]) + len(against_id.get(c, ())))]
        refused = [c for c in sorted(against_id) if holds(key, c, len(against_id[c]), len(by_id.get(c, ())))]
        confirmed.update((spelling, c) for c in agreed if c in known)
        rejected += [(spelling, c) for c in refused if c not in agreed]
        is_disputed = len(by_id) > 1 or bool(by_id.keys() & against_id.keys())
        contradictory += is_disputed and not agreed and not refused
    return Said(confirmed, tuple(rejected), contradictory)


def tuning_data(entries: Sequence[Entry], said: Said, pairs: Pairs) -> TuningData:
    """Everything to learn from. `entries`: the synonyms of the version's index, corrected by `pairs`.

    A text that is a synonym of another id is left out. The texts of authored forms are not learned from: the ranker is trained on them, and
    would see nearness there as it is nowhere else.
    """
    synonyms: dict[str, list[str]] = defaultdict(list)
    meaning: dict[str, str] = {}
    for entry in entries:
        synonyms[entry.canonical].append(entry.text)
        meaning[normalise(entry.text)] = entry.canonical
    texts: dict[str, list[str]] = defaultdict(list)
    for text, canonical in sorted(said.confirmed.items()):
        if normalise(text) not in meaning and canonical in synonyms:
            texts[canonical].append(text)
            meaning[normalise(text)] = canonical
    by_operator = [(pair.text, pair.canonical) for pair in pairs.rejected if not pair.between_ids]
    rejected = sorted({(t, c) for t, c in (*said.rejected, *by_operator) if c in synonyms and meaning.get(normalise(t)) != c})
    return TuningData({c: tuple(own) for c, own in synonyms.items()}, {c: tuple(own) for c, own in texts.items()}, tuple(rejected))
