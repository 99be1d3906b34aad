from fieldwise_training.canonical_loader import Entry
from fieldwise_training.feedback.correct import corrected, texts_of_paired_ids
from fieldwise_training.feedback.pairs import FeedbackPair, Pairs

ENTRIES = (Entry("given-name", "First name"), Entry("given-name", "Name first"), Entry("email", "Email"))


def test_a_confirmed_text_is_added_to_its_id() -> None:
    assert corrected(ENTRIES, Pairs((FeedbackPair("Rufname", "given-name", 1),))) == [*ENTRIES, Entry("given-name", "Rufname")]


def test_a_text_that_is_already_a_synonym_is_not_added_twice() -> None:
    assert corrected(ENTRIES, Pairs((FeedbackPair("EMAIL", "email", 3),))) == list(ENTRIES)


def test_a_confirmed_text_is_removed_from_the_id_that_had_it() -> None:
    entries = corrected(ENTRIES, Pairs((FeedbackPair("Email", "given-name", 1),)))

    assert Entry("email", "Email") not in entries
    assert Entry("given-name", "Email") in entries


def test_a_rejected_synonym_is_removed() -> None:
    assert Entry("email", "Email") not in corrected(ENTRIES, Pairs((), (FeedbackPair("email", "email", -1),)))


def test_of_two_confirmed_ids_the_one_with_more_votes_wins_and_a_tie_leaves_both() -> None:
    outvoted = Pairs((FeedbackPair("Ruf", "email", 1), FeedbackPair("ruf", "given-name", 2)))
    tied = Pairs((FeedbackPair("Ruf", "email", 2), FeedbackPair("ruf", "given-name", 2)))

    assert [e.canonical for e in corrected((), outvoted)] == ["given-name"]
    assert {e.canonical for e in corrected((), tied)} == {"email", "given-name"}


def test_a_pair_between_ids_changes_no_entry_and_lends_the_texts_of_one_id_to_the_other() -> None:
    pairs = Pairs((FeedbackPair("email", "given-name", 1, between_ids=True),))

    assert corrected(ENTRIES, pairs) == list(ENTRIES)
    assert texts_of_paired_ids(ENTRIES, pairs) == [Entry("given-name", "Email")]
