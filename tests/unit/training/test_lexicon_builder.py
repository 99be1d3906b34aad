from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.feedback.correct import corrected
from fieldwise_training.feedback.pairs import FeedbackPair, Pairs
from fieldwise_training.index.lexicon_builder import build_lexicon, dump_lexicon

ENTRIES = (Entry("given-name", "First name *"), Entry("family-name", "Last name"))


def lexicon_of(entries: tuple[Entry, ...], pairs: Pairs) -> Lexicon:
    """As the `index` step makes it."""
    return build_lexicon(corrected(entries, pairs))


def test_every_synonym_is_found_by_its_normal_form() -> None:
    assert lexicon_of(ENTRIES, Pairs()).exact == {"first name": "given-name", "last name": "family-name"}


def test_a_confirmed_text_overrules_the_canonical_data() -> None:
    lexicon = lexicon_of(ENTRIES, Pairs((FeedbackPair("Last Name", "given-name", 1),)))

    assert lexicon.lookup("last name") == "given-name"


def test_a_rejected_synonym_is_no_longer_found() -> None:
    lexicon = lexicon_of(ENTRIES, Pairs((), (FeedbackPair("Last name", "family-name", -1),)))

    assert lexicon.lookup("last name") is None


def test_a_text_confirmed_equally_for_two_ids_has_neither() -> None:
    tied = Pairs((FeedbackPair("Ruf", "given-name", 1), FeedbackPair("Ruf", "family-name", 1)))

    assert lexicon_of((), tied).exact == {}


def test_pairs_between_ids_do_not_affect_the_lexicon() -> None:
    between = FeedbackPair("given-name", "family-name", 1, between_ids=True)
    against = FeedbackPair("given-name", "family-name", -1, between_ids=True)

    assert lexicon_of((), Pairs((between,), (against,))) == Lexicon()


def test_the_stored_lexicon_is_read_back_and_always_the_same_bytes() -> None:
    confirmed = tuple(FeedbackPair(text, "given-name", 1) for text in ("Ruf", "Alias", "Vorname"))
    lexicon = lexicon_of(ENTRIES, Pairs(confirmed))

    assert Lexicon.model_validate_json(dump_lexicon(lexicon)) == lexicon
    assert dump_lexicon(lexicon) == dump_lexicon(lexicon_of(ENTRIES, Pairs(tuple(reversed(confirmed)))))
