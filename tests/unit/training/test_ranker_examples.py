"""Forms as the ranker is trained on them."""

import numpy as np
import pytest
from tests.support.deciding import SYNONYMS, a_version

from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.ranker.features import FEATURES, LAYOUTS
from fieldwise_inference.classify.ranker.ngrams import bags
from fieldwise_training.corpus import Form
from fieldwise_training.ranker.batches import augmented_batches, batches_per_epoch, pack
from fieldwise_training.ranker.examples import WHOSE, Example, examples, vocabulary
from fieldwise_training.ranker.lesson import Lesson, Target

WORDS = vocabulary(sorted({*SYNONYMS.values(), "veteran-status"}))
LAYOUT = LAYOUTS[FEATURES]


def authored(*fields: dict[str, object]) -> Lesson:
    return Lesson.authored(Form.model_validate({"site": "a.example", "lang": "en", "fields": fields}))


def made(*lessons: Lesson) -> list[Example]:
    return examples(lessons, WORDS, a_version())


def truths(example: Example) -> list[str]:
    return [WORDS.classes[number] for number in example.truth]


def owners(example: Example) -> list[str | None]:
    return [WHOSE[number] if number >= 0 else None for number in example.whose]


def radio(label: str, **keys: object) -> dict[str, object]:
    return {"label": label, "name": "authorized", "type": "radio", "truth": "work-authorization", **keys}


def test_an_own_field_is_the_users_and_of_a_field_that_asks_for_nothing_it_is_not_known() -> None:
    [example] = made(
        authored(
            {"label": "First name", "truth": "given-name"},
            {"label": "Spouse's first name", "truth": "none", "whose": "partner"},
            {"label": "Coupon", "truth": "none"},
        )
    )

    assert owners(example) == ["self", "partner", None]


def test_the_radios_of_one_question_are_one_row_with_their_labels_as_options() -> None:
    radios = [radio(label, group="Are you authorized to work") for label in ("Yes", "No")]

    example, bare = made(authored({"label": "First name", "truth": "given-name"}, *radios))

    assert truths(example) == truths(bare) == ["given-name", "work-authorization"]
    hit = example.evidence.lexical[1, LAYOUT.lexical.index("label")]
    assert WORDS.ids[hit - 1] == "work-authorization"
    assert example.evidence.shape[1, LAYOUT.shape.index("options")] == 2
    assert not bare.evidence.lexical[1].any()


def test_a_question_whose_fields_have_different_truths_is_context() -> None:
    [example] = made(authored(radio("Yes"), radio("No", truth="none")))

    assert example.weight.tolist() == [0]


def test_what_is_known_of_one_field_is_known_of_its_question() -> None:
    fields = tuple(FieldDescriptor(selector=label, label=label, name="authorized", type="radio") for label in ("Yes", "No"))

    [example] = made(Lesson(fields, (Target(), Target("work-authorization", 2.0, whose="self"))))

    assert (truths(example), example.weight.tolist(), owners(example)) == (["work-authorization"], [2], ["self"])


def test_an_attribute_is_evidence_and_settles_nothing() -> None:
    plain, declared = made(*(authored({"label": "Given names", "autocomplete": told, "truth": "given-name"}) for told in ("", "email")))

    assert plain.evidence.near.tolist() == declared.evidence.near.tolist() != [[0, 0]]
    column = declared.evidence.lexical[0, LAYOUT.lexical.index("autocomplete")]
    assert WORDS.ids[column - 1] == "email"


def test_a_form_with_its_surroundings_is_also_shown_without_them() -> None:
    """As most clients send it. A form without surroundings is one example."""
    described = authored({"label": "First name", "section": "Your details", "nearby": "Given", "form": "signup", "truth": "given-name"})

    plain, whole, bare = made(authored({"label": "First name", "truth": "given-name"}), described)

    assert [example.lesson for example in (plain, whole, bare)] == [0, 1, 1]
    texts = [bags(example.evidence.texts).take(example.evidence.views[0]).counts for example in (plain, whole, bare)]
    added = [LAYOUT.views.index(view) for view in ("section", "near", "form")]
    assert texts[1][added].min() > 0
    assert texts[2].tolist() == texts[0].tolist()


def test_an_epoch_shows_each_form_once_with_or_without_its_surroundings() -> None:
    described = [authored({"label": f"First name {n}", "section": "Your details", "truth": "given-name"}) for n in range(200)]
    packed = pack(made(*described))

    batches = list(augmented_batches(packed, np.random.default_rng(1)))

    assert len(batches) == batches_per_epoch(packed) == 5
    assert sum(len(batch.truth) for batch in batches) == 200
    of_sections = np.concatenate([batch.grams[LAYOUT.views.index("section")][1] for batch in batches])
    assert (of_sections > 0).mean() == pytest.approx(0.5 * 0.8, abs=0.1)
