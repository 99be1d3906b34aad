from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.feedback.correct import corrected
from fieldwise_training.feedback.pairs import Feedback, FeedbackPair
from fieldwise_training.index.lexicon_builder import build_lexicon, dump_lexicon

ENTRIES = (Entry("given-name", "First name *"), Entry("family-name", "Last name"))


def lexicon_of(entries: tuple[Entry, ...], feedback: Feedback) -> Lexicon:
    """As the `index` step makes it."""
    return build_lexicon(corrected(entries, feedback), feedback)


def test_every_synonym_is_found_by_its_normal_form() -> None:
    assert lexicon_of(ENTRIES, Feedback()).exact == {"first name": "given-name", "last name": "family-name"}


def test_a_confirmed_text_overrules_the_canonical_data() -> None:
    lexicon = lexicon_of(ENTRIES, Feedback((FeedbackPair("Last Name", "given-name", 1),)))

    assert lexicon.lookup("last name") == "given-name"


def test_a_rejected_id_is_no_longer_found_and_is_recorded() -> None:
    lexicon = lexicon_of(ENTRIES, Feedback((), (FeedbackPair("Last name", "family-name", -1),)))

    assert lexicon.lookup("last name") is None
    assert lexicon.rejects("last name", "family-name")


def test_a_text_confirmed_equally_for_two_ids_has_neither() -> None:
    tied = Feedback((FeedbackPair("Ruf", "given-name", 1), FeedbackPair("Ruf", "family-name", 1)))

    assert lexicon_of((), tied).exact == {}


def test_pairs_between_ids_do_not_affect_the_lexicon() -> None:
    between = FeedbackPair("given-name", "family-name", 1, between_ids=True)
    against = FeedbackPair("given-name", "family-name", -1, between_ids=True)

    assert lexicon_of((), Feedback((between,), (against,))) == Lexicon()


def test_the_stored_lexicon_is_read_back_and_always_the_same_bytes() -> None:
    rejected = tuple(FeedbackPair("Ruf", canonical, -1) for canonical in ("tel", "email", "given-name"))
    lexicon = lexicon_of(ENTRIES, Feedback((), rejected))

    assert Lexicon.model_validate_json(dump_lexicon(lexicon)) == lexicon
    assert dump_lexicon(lexicon) == dump_lexicon(lexicon_of(ENTRIES, Feedback((), tuple(reversed(rejected)))))
