"""What the ranker learns from feedback: which fields, as what, how much each counts, and what is left out."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fieldwise_common.decision_log import field_cell
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.sites import NO_SITES, SiteAnswer, SiteAnswers
from fieldwise_training.evaluation.agreed import is_held_out
from fieldwise_training.feedback.judged import JudgedField
from fieldwise_training.feedback.rows import word
from fieldwise_training.feedback.votes import Vote, last_words
from fieldwise_training.ranker import lessons
from fieldwise_training.ranker.lesson import Target
from fieldwise_training.ranker.lessons import MAX_WEIGHT_PER_SITE, USER_SHARE, Learning, learn
from fieldwise_training.ranker.targets import CONTRADICTED, FIELD_WEIGHT, NO_VOTE, UNKNOWN_ID, UNRELIABLE, WRONG_TYPE

AT = "2026-11-29T10:00:00.000Z"
SITES = [site for number in range(400) if not is_held_out(site := f"{number:016x}")]
HELD_OUT = next(site for number in range(100) if is_held_out(site := f"{number:016x}"))
CLASSES = ("none", "email", "tel", "given-name", "remote-work")
LABELS = ("Email", "Phone", "First name", "Comments")
TRUTHS = ("email", "tel", "given-name", "none")
LEXICON = Lexicon(exact={"email": "email", "phone": "tel", "first name": "given-name"})
AUTHORED = 16_000


def form(site: str, user: str, said: Sequence[str], request: str = "", at: str = AT) -> list[JudgedField]:
    """A form with a field per `LABELS`, each taken for the truth. `said`: "" nothing, `yes`, `no`, or the id it was corrected to."""
    rows = []
    for position, (label, truth, one) in enumerate(zip(LABELS, TRUTHS, said, strict=False)):
        verdict = {"": "", "yes": "correct"}.get(one, "incorrect")
        rows.append(
            JudgedField(
                site=site,
                request_id=request or f"{site}-{user}",
                position=position,
                signature=f"s{position}",
                user=user,
                at=at,
                model_version="v",
                field=field_cell(FieldDescriptor(selector="#a", label=label)),
                predicted=truth,
                verdict=verdict,
                about=truth if verdict else "",
                corrected_to=one if one not in {"", "yes", "no"} else "",
            )
        )
    return rows


def votes_of(judged: Sequence[JudgedField], **changes: bool) -> list[Vote]:
    given = [row for row in judged if row.verdict]
    return [Vote(r.site, r.signature, r.user, *word(r.verdict, r.about, r.corrected_to), at=r.at, **changes) for r in given]


def learned(*forms: list[JudgedField], sites: SiteAnswers = NO_SITES, authored: int = AUTHORED, **more: str) -> Learning:
    rows = [row for one in forms for row in one]
    return learn(rows, last_words(votes_of(rows)), sites, LEXICON, CLASSES, authored, **more)


def targets(learning: Learning) -> list[Target]:
    [lesson] = learning.lessons
    return list(lesson.targets)


def test_fields_with_a_verdict_are_targets_and_the_others_context() -> None:
    learning = learned(form(SITES[0], "u", ["yes", "none", "", "email"]))

    context = Target()
    email = Target("email", FIELD_WEIGHT, whose="self")  # what a user calls nothing may be anybody's
    assert targets(learning) == [email, Target("none", FIELD_WEIGHT), context, email]
    assert [field.label for field in learning.lessons[0].fields] == list(LABELS)
    facts = learning.facts
    assert (facts.forms, facts.sites, facts.users, facts.fields, facts.rejected) == (1, 1, 1, 3, 0)
    assert (facts.weight, facts.until, facts.left_out) == (3 * FIELD_WEIGHT, AT, {})


def test_a_rejected_answer_whose_right_one_is_unknown_is_a_negative() -> None:
    learning = learned(form(SITES[0], "u", ["no", "", "", ""]))

    assert targets(learning)[0] == Target("email", FIELD_WEIGHT, is_rejected=True)
    assert learning.facts.rejected == 1


def test_negative_ids_count_as_none() -> None:
    assert targets(learned(form(SITES[0], "u", ["none:search", "", "", ""])))[0].canonical == "none"


def test_held_out_sites_are_never_trained_on() -> None:
    learning = learned(form(HELD_OUT, "u", ["yes"] * 4), form(SITES[0], "u", ["yes"]))

    assert learning.facts.sites == 1
    assert learning.facts.left_out == {lessons.HELD_OUT: 4}


def test_an_id_that_the_vocabulary_lacks_is_left_out_and_counted() -> None:
    learning = learned(form(SITES[0], "u", ["yes", "no-such-id", "", ""]), form(SITES[1], "u", ["", "", "", "no-such-id"]))

    assert learning.facts.fields == 2
    assert targets(Learning(learning.lessons[:1]))[1] == Target("tel", FIELD_WEIGHT, is_rejected=True)  # what was corrected is known
    assert learning.facts.left_out == {UNKNOWN_ID: 1}


def test_what_is_said_about_one_of_several_boxes_is_learned_as_their_questions() -> None:
    cells = [
        field_cell(FieldDescriptor(selector="#a", label=label, type="checkbox", name="race[]", group="Race"))
        for label in ("White", "Asian")
    ]
    judged = [replace(row, field=cell) for row, cell in zip(form(SITES[0], "u", ["race-ethnicity", ""]), cells, strict=True)]

    learning = learn(judged, last_words(votes_of(judged)), NO_SITES, LEXICON, (*CLASSES, "race-ethnicity"), AUTHORED)

    assert [target.canonical for target in targets(learning)] == ["race-ethnicity", "none"]


def test_an_id_that_the_fields_type_can_never_have_is_left_out() -> None:
    box = field_cell(FieldDescriptor(selector="#a", label="OK", type="checkbox"))
    judged = [replace(row, field=box) for row in form(SITES[0], "u", ["tel"])]

    learning = learned(judged)

    assert learning.lessons == ()
    assert learning.facts.left_out == {WRONG_TYPE: 1}


def test_users_who_agree_count_more_than_one_but_not_as_many_forms() -> None:
    alone = learned(form(SITES[0], "u", ["yes"]))
    two, many = (learned(*(form(SITES[0], f"u{n}", ["yes"]) for n in range(users))) for users in (2, 1000))

    assert [len(one.lessons) for one in (alone, two, many)] == [1, 1, 1]
    assert FIELD_WEIGHT == alone.facts.weight < two.facts.weight < many.facts.weight < 2 * FIELD_WEIGHT + 0.1


def test_a_field_weighs_the_same_in_however_many_forms_it_stands() -> None:
    once = learned(form(SITES[0], "u", ["yes", "yes"]))
    variants = learned(*(form(SITES[0], "u", ["yes"] * length, f"r{length}") for length in (1, 2, 3)))

    assert sum(lesson.targets[0].weight for lesson in variants.lessons) == pytest.approx(once.lessons[0].targets[0].weight)
    assert len(variants.lessons) == 3


def test_contradictory_feedback_teaches_nothing() -> None:
    learning = learned(form(SITES[0], "a", ["yes", "yes", "", ""]), form(SITES[0], "b", ["tel", "no", "", ""]))

    assert (learning.lessons, learning.facts.fields, learning.facts.sha256) == ((), 0, "")
    assert learning.facts.left_out == {CONTRADICTED: 2}


def test_a_contradicted_majority_counts_less() -> None:
    three_to_one = learned(*(form(SITES[0], user, ["yes"]) for user in "abc"), form(SITES[0], "d", ["tel"]))

    assert targets(three_to_one)[0].canonical == "email"
    assert 0 < three_to_one.facts.weight < FIELD_WEIGHT


@pytest.mark.parametrize("by_admin", [False, True])
def test_what_a_site_agreed_on_and_the_word_of_an_admin_decide(by_admin: bool) -> None:
    against = [*form(SITES[0], "a", ["yes"]), *form(SITES[0], "b", ["yes"])]
    decisive = form(SITES[0], "c", ["tel"])
    agreed = SiteAnswers(sites={SITES[0]: {"s0": SiteAnswer(canonical="tel", agree=1, against=2)}})
    votes = [*votes_of(against), *votes_of(decisive, trusted=by_admin)]

    learning = learn([*against, *decisive], votes, NO_SITES if by_admin else agreed, LEXICON, CLASSES, AUTHORED)

    assert targets(learning)[0].canonical == "tel"


def test_one_user_is_limited_however_much_they_correct() -> None:
    forms = [form(site, "busy", ["yes"] * 4) for site in SITES]
    other = form(SITES[0], "other", ["", "", "", "email"], at="2026-11-29T11:00:00.000Z")

    learning = learned(*forms, authored=400)
    both = learned(*forms, other, authored=400)

    assert learning.facts.fields == 4 * len(SITES)
    assert learning.facts.weight == pytest.approx(USER_SHARE * 400, abs=0.1)
    assert both.facts.weight <= USER_SHARE * 400 + FIELD_WEIGHT


def test_all_users_together_never_outweigh_the_authored_forms() -> None:
    learning = learned(*(form(site, f"u{site}", ["yes"] * 4) for site in SITES), authored=100)

    assert learning.facts.weight == pytest.approx(100, abs=0.1)


def test_one_site_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "MAX_WEIGHT_PER_SITE", 3.0)

    learning = learned(form(SITES[0], "u", ["yes"] * 4), form(SITES[1], "v", ["yes"]))

    assert MAX_WEIGHT_PER_SITE > FIELD_WEIGHT
    assert learning.facts.weight == pytest.approx(3.0 + FIELD_WEIGHT)


def test_a_liar_is_not_learned_from_and_changes_nothing_for_others() -> None:
    honest = [form(site, "honest", ["yes"] * 4) for site in SITES[:20]]
    lies = [form(site, "liar", ["tel", "email", "tel", "email"]) for site in SITES[:300]]

    alone, together = learned(*honest), learned(*honest, *lies)

    assert together.lessons == alone.lessons
    assert together.facts.users == 1
    assert together.facts.left_out == {UNRELIABLE: 4 * 280}


def test_colluders_who_contradict_plain_labels_teach_nothing_but_their_site_s_answer() -> None:
    lies = [form(site, f"colluder-{n}", ["tel", "email", "tel"]) for site in SITES[:2] for n in range(10)]

    learning = learned(*lies)

    assert learning.lessons == ()
    assert learning.facts.left_out == {UNRELIABLE: 6}


def test_a_user_who_corrects_only_what_is_wrong_is_believed() -> None:
    learning = learned(*(form(site, "u", ["", "none", "", ""]) for site in SITES[:30]))

    assert learning.facts.fields == 30


def test_a_user_of_one_odd_form_is_believed() -> None:
    assert learned(form(SITES[0], "u", ["none", "none", "none"])).facts.fields == 3


def test_forms_over_the_limit_are_left_out_after_every_site_had_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "MAX_FIELDS", 6)
    big = [form(SITES[0], "u", ["yes"] * length, f"r{length}") for length in (2, 3, 4)]

    learning = learned(*big, form(SITES[1], "v", ["yes", "yes"]))

    assert {row.label for lesson in learning.lessons for row in lesson.fields} <= set(LABELS)
    assert learning.facts.sites == 2
    assert sum(len(lesson.fields) for lesson in learning.lessons) <= 6


def test_the_forms_of_one_user_on_many_sites_do_not_crowd_out_those_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "MAX_FIELDS", 40)
    many = [form(site, "busy", ["yes"] * 4) for site in SITES[:100]]
    few = [form(site, f"u{site}", ["yes"] * 4) for site in SITES[100:105]]

    learning = learned(*many, *few)

    assert learning.facts.users == 6
    assert learning.facts.sites == 10


def test_a_user_who_voted_on_fields_of_other_users_forms_is_compared_with_all_of_them() -> None:
    """One user's form is no longer in the log, or the version has another user's with the same fields: the votes are there all the same."""
    shown = [form(site, "shown", ["yes", "yes", "yes", "email"]) for site in SITES[:30]]
    votes = votes_of([row for one in shown for row in one])
    others = [replace(vote, user="other") for vote in votes]
    wrong_labels = [replace(vote, canonical="none") if vote.site in SITES[:5] and vote.signature == "s0" else vote for vote in others]

    learning = learn([row for one in shown for row in one], [*votes, *wrong_labels], NO_SITES, LEXICON, CLASSES, AUTHORED)

    assert learning.facts.users == 2


def test_what_an_admin_rejects_is_learned_as_rejected_whoever_confirms_it() -> None:
    confirmed = [row for user in "abc" for row in form(SITES[0], user, ["yes"])]
    rejected = form(SITES[0], "admin", ["no"])

    learning = learn(
        [*confirmed, *rejected], [*votes_of(confirmed), *votes_of(rejected, trusted=True)], NO_SITES, LEXICON, CLASSES, AUTHORED
    )

    assert targets(learning)[0] == Target("email", FIELD_WEIGHT, is_rejected=True)


def test_feedback_of_earlier_releases_counts_without_a_signature() -> None:
    rows = [replace(row, signature="", site="") for row in form(SITES[0], "u", ["yes", "none", "", ""])]

    learning = learn(rows, [], NO_SITES, LEXICON, CLASSES, AUTHORED)

    assert [target.canonical for target in targets(learning)][:2] == ["email", "none"]


def test_a_field_whose_votes_are_gone_is_not_learned() -> None:
    rows = form(SITES[0], "u", ["yes"])

    assert learn(rows, [], NO_SITES, LEXICON, CLASSES, AUTHORED).facts.left_out == {NO_VOTE: 1}


def test_a_description_that_cant_be_read_is_counted() -> None:
    rows = [replace(row, field="[") for row in form(SITES[0], "u", ["yes", "", "", ""])]

    assert learned(rows).facts.left_out == {lessons.UNREADABLE: 1}


def test_what_is_new_since_the_parent_is_counted() -> None:
    old, new = form(SITES[0], "u", ["yes", "yes"]), form(SITES[1], "u", ["yes"], at="2026-11-30T10:00:00.000Z")

    assert learned(old, new).facts.new_fields == 3
    assert learned(old, new, learned_until=AT).facts.new_fields == 1


def test_the_same_feedback_in_any_order_gives_the_same_lessons() -> None:
    forms = [form(site, user, ["yes", "yes", "none"]) for site in SITES[:10] for user in "ab"]

    assert learned(*forms) == learned(*reversed(forms))
    assert learned(*forms).facts.sha256 != learned(*forms[2:]).facts.sha256
