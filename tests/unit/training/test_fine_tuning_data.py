"""What fine-tuning learns from, the batches it makes of it, and when its result is kept."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwise_training.canonical_loader import Entry
from fieldwise_training.encoder.gain import judge_gain
from fieldwise_training.encoder.pairs import FieldText, Said, TuningData, said_about_texts, tuning_data
from fieldwise_training.encoder.rows import Row, TuningRows, batches, mine
from fieldwise_training.evaluation.agreed import is_held_out
from fieldwise_training.evaluation.details import LanguageGain
from fieldwise_training.feedback.pairs import FeedbackPair, Pairs
from fieldwise_training.feedback.votes import Vote

KNOWN = frozenset({"email", "tel", "given-name"})
SITE, HELD_OUT = (next(s for n in range(100) if is_held_out(s := f"{n:016x}") is chosen) for chosen in (False, True))


def vote(user: str, canonical: str = "", rejected: str = "", label: str = "Where to reach you", **more: object) -> Vote:
    return Vote(**{"site": SITE, "signature": "s0", "user": user, "canonical": canonical, "rejected": rejected, "label": label, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        ([vote("a", "email")], Said()),
        ([vote("a", "email"), vote("a", "email", signature="s1")], Said()),
        ([vote("a", "email"), vote("b", "email")], Said({"Where to reach you": "email"})),
        ([vote("a", "email", trusted=True)], Said({"Where to reach you": "email"})),
        ([vote("a", "email", site=HELD_OUT), vote("b", "email", site=HELD_OUT)], Said()),
        ([vote("a", "email"), vote("b", "email", label="WHERE TO REACH YOU:")], Said({"WHERE TO REACH YOU:": "email"})),
        (
            [*(vote(user, "email") for user in "abcde"), vote("z", "email", label="** WHERE TO REACH YOU **")],
            Said({"Where to reach you": "email"}),
        ),
        ([vote("a", "email"), vote("b", "tel")], Said(contradictory=1)),
        ([vote(u, c) for u, c in zip("abcd", ("email", "email", "tel", "tel"), strict=True)], Said(contradictory=1)),
        ([vote("a", "email"), vote("b", rejected="email")], Said(contradictory=1)),
        ([vote("a", rejected="tel"), vote("b", rejected="tel")], Said(rejected=(("Where to reach you", "tel"),))),
        ([vote("a", "no-such-id"), vote("b", "no-such-id")], Said()),
        ([vote("a", "email", label=""), vote("b", "email", label="")], Said()),
    ],
)
def test_a_text_counts_if_several_users_agree_on_it_or_an_admin_says_so(votes: list[Vote], said: Said) -> None:
    assert said_about_texts(votes, KNOWN) == said


def test_users_who_correct_a_field_confirm_one_id_and_reject_another() -> None:
    said = said_about_texts([vote(user, "email", rejected="tel") for user in "ab"], KNOWN)

    assert said == Said({"Where to reach you": "email"}, (("Where to reach you", "tel"),))


def test_texts_that_are_synonyms_of_another_id_are_left_out_and_an_operators_rejections_count() -> None:
    entries = [Entry("email", "E-mail"), Entry("tel", "Phone")]
    said = Said({"phone": "email", "Mail to": "email", "Ring me": "tel"}, (("Ring me", "tel"), ("Ring me", "email")))
    pairs = Pairs(rejected=(FeedbackPair("Fax", "tel", -1), FeedbackPair("tel", "email", -1, between_ids=True)))

    data = tuning_data(entries, said, pairs)

    assert data.synonyms == {"email": ("E-mail",), "tel": ("Phone",)}
    assert data.texts == {"email": ("Mail to",), "tel": ("Ring me",)}
    assert data.rejected == (("Fax", "tel"), ("Ring me", "email"))
    assert data.pairs == 2


def vector(*values: float) -> NDArray[np.float32]:
    made = np.array(values, np.float32)
    return made / np.linalg.norm(made)


VECTORS = {
    "mail": vector(1, 0),
    "e-mail": vector(1, 0.1),
    "phone": vector(0, 1),
    "mobile": vector(0.1, 1),
    "reach": vector(1, 1.02),
    "odd": vector(1, 0.4),
}


def test_a_row_has_the_nearest_text_of_the_same_id_and_the_nearest_of_another() -> None:
    data = TuningData({"email": ("mail", "e-mail"), "tel": ("phone", "mobile")}, {"email": ("reach",), "tel": ("mobile 2",)})

    rows = mine(data, {**VECTORS, "mobile 2": vector(0.1, 1)})

    assert rows.fields == (Row("reach", "e-mail", "mobile", frozenset({"email", "tel"})),)
    assert rows.synonyms == ()  # each is far nearer to its own id than to the other


def test_a_rejected_text_is_an_anchor_if_its_id_is_known_and_else_a_negative() -> None:
    data = TuningData(
        {"email": ("mail", "e-mail"), "tel": ("phone", "mobile")}, {"tel": ("reach",)}, (("odd", "email"), ("reach", "email"))
    )

    rows = mine(data, VECTORS)

    assert rows.rejected == (
        Row("e-mail", "mail", "odd", frozenset({"email"})),
        Row("reach", "mobile", "e-mail", frozenset({"email", "tel"})),
    )


def test_no_two_rows_of_a_batch_share_an_id_and_rejected_texts_come_first() -> None:
    def rows(kind: str, count: int) -> tuple[Row, ...]:
        ids = [(n % 7, (n + 1 + n // 7) % 7) for n in range(count)]
        return tuple(Row(f"{kind}{n}", "p", "n", frozenset(map(str, own))) for n, own in enumerate(ids) if own[0] != own[1])

    made = batches(TuningRows(rows("r", 6), rows("f", 30), rows("s", 30)), 3, 5, np.random.default_rng(0))

    assert len(made) == 5
    for batch in made:
        assert len(batch) <= 3
        assert len(frozenset.union(*(row.ids for row in batch))) == sum(len(row.ids) for row in batch)
    anchors = {row.anchor for batch in made for row in batch}
    assert {f"r{n}" for n in range(6)} <= anchors
    assert made == batches(TuningRows(rows("r", 6), rows("f", 30), rows("s", 30)), 3, 5, np.random.default_rng(0))


def judged(before: str, after: str, langs: str, sites: str = "") -> tuple[bool, str]:
    """Whether a change is kept, and why. A character is a field: right is `1`, a language or a site is a letter."""
    names = sites or "".join(chr(ord("A") + n) for n in range(len(langs)))
    fields = [FieldText(site, lang, "text", "email") for site, lang in zip(names, langs, strict=True)]
    right = [np.array([c == "1" for c in text]) for text in (before, after)]
    gain = judge_gain(fields, *right)
    return gain.kept, gain.reason


def test_a_significant_gain_that_costs_no_language_is_kept() -> None:
    kept, reason = judged("000000001", "111111110", "aaaaaaaab")

    assert kept
    assert (
        reason == "the nearest synonym is right for 8 of 9 fields, 1 with the base model (p = 0.0195), significantly worse in no language"
    )


@pytest.mark.parametrize(
    ("before", "after", "langs", "sites", "reason"),
    [
        ("0000", "1111", "aaaa", "", "no significant gain"),
        ("00000000", "11111111", "aaaaaaaa", "AAAAAAAA", "no significant gain"),
        ("11111", "11111", "aaaaa", "", "no significant gain"),
        ("0" * 20 + "11111", "1" * 20 + "00000", "a" * 20 + "b" * 5, "", "significantly worse in b"),
    ],
)
def test_anything_else_is_not_kept(before: str, after: str, langs: str, sites: str, reason: str) -> None:
    kept, why = judged(before, after, langs, sites)

    assert not kept
    assert why.startswith(f"{reason}: the nearest synonym is right for")


def test_the_figures_are_those_of_each_language() -> None:
    fields = [FieldText("s", lang, "text", "email") for lang in ("en", "en", "tr")]

    gain = judge_gain(fields, np.array([True, False, False]), np.array([True, True, False]))

    assert gain.by_language == {"en": LanguageGain(fields=2, before=1, after=2), "tr": LanguageGain(fields=1, before=0, after=0)}
