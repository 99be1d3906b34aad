from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ranker.evidence import Candidates, Evidence, Floats, gather
from fieldwise_inference.classify.ranker.model import NumpyRanker, load_ranker
from fieldwise_inference.classify.ranker.ngrams import bags
from fieldwise_inference.classify.ranker.weights import weights_from
from fieldwise_training.ranker.batches import PackedForms, augmented_batches, batches_per_epoch, evaluation_batches, pack
from fieldwise_training.ranker.build import fit_members, fit_ranker, settings_of
from fieldwise_training.ranker.examples import WHOSE, Example, Vocabulary
from fieldwise_training.ranker.fit import fit, logits, loss_of
from fieldwise_training.ranker.network import Network
from fieldwise_training.ranker.plan import Plan
from fieldwise_training.ranker.synonyms import synonyms_of
from fieldwise_training.ranker.temperature import expected_calibration_error, fit_temperature, predicted, softmax

CLASSES = ("none", "email", "tel")
IDS = ("email", "none:search", "tel")
VOCABULARY = Vocabulary(CLASSES, IDS)
CLASS_OF = np.array([0, 1, 0, 2])
LEXICON = Lexicon(exact={"email": "email", "phone": "tel", "search": "none:search"})
NUMBERS = count()
LABELS = {"email": 1, "your e mail": 1, "phone": 2, "telephone number": 2, "search": 0, "comments": 0}


def evidence(*fields: dict[str, object]) -> Evidence:
    views = [FieldView(FieldDescriptor.model_validate({"selector": f"#{i}", **f})) for i, f in enumerate(fields)]
    close = Candidates([Neighbour("tel", "phone", 0.9), Neighbour("email", "email", 0.5)], fuzzy="tel")
    near = [close if len(view.label) % 2 else Candidates() for view in views]
    return gather(views, near, LEXICON, {canonical: i + 1 for i, canonical in enumerate(IDS)})


def a_form(*labels: str, **changes: object) -> Example:
    known = {"truth": [LABELS[label] for label in labels], "weight": np.ones(len(labels)), "is_rejected": np.zeros(len(labels))}
    known |= {"whose": [-1] * len(labels), "lesson": next(NUMBERS)} | changes
    return Example(
        evidence(*({"label": label} for label in labels)),
        truth=np.array(known["truth"], np.int64),
        weight=np.array(known["weight"], np.float32),
        is_rejected=np.array(known["is_rejected"], bool),
        whose=np.array(known["whose"], np.int64),
        lesson=known["lesson"],
    )


def a_network(seed: int = 0) -> Network:
    return Network(len(CLASSES), CLASS_OF, len(WHOSE), seed).eval()


def class_logits(network: Network, packed: PackedForms) -> Floats:
    return logits(network, packed)[0]


def in_numpy(network: Network, temperature: float = 1.0) -> NumpyRanker:
    settings = settings_of(VOCABULARY, temperature, members=1)
    return NumpyRanker(settings, (weights_from({f"0.{name}": array for name, array in network.arrays().items()}, 0),))


FORMS = [
    a_form("email", "search"),
    a_form("telephone number", "your e mail", "comments"),
    a_form("phone"),
    a_form("comments", "email", "phone"),
]


def test_numpy_and_torch_give_the_same_probabilities() -> None:
    network = a_network()
    rich = evidence(
        {"label": "Email", "name": "user_email", "type": "email", "maxlength": 50},
        {
            "label": "電話番号",
            "placeholder": "Phone",
            "id": "tel1",
            "options": ["a", "b"],
            "section": "Emergency contact",
            "form": "signup",
        },
        {"nearby": "Phone", "section": "Emergency contact"},
    )
    example = Example(rich, np.zeros(3, np.int64), np.ones(3, np.float32), np.zeros(3, bool), np.zeros(3, np.int64), 0)

    ours = in_numpy(network, 1.3).predict(rich)

    of_classes, of_owners = logits(network, pack([example]))
    assert np.allclose(ours.probabilities, predicted([(of_classes, of_owners)], 1.3, CLASSES), atol=2e-3)
    assert np.allclose(ours.whose, softmax(of_owners, 1.3), atol=2e-3)
    assert np.allclose(ours.probabilities.sum(axis=1), 1, atol=1e-5)


def test_a_forms_probabilities_do_not_depend_on_its_batch() -> None:
    network = a_network()

    together = class_logits(network, pack(FORMS))
    alone = np.concatenate([class_logits(network, pack([form])) for form in FORMS])

    assert np.allclose(together, alone, atol=1e-5)


def test_the_order_of_fields_matters_to_their_neighbours_alone() -> None:
    labels = [f"question {number} about {'qwertyuiop'[number % 10]}" for number in range(24)]
    swapped = [labels[1], labels[0], *labels[2:]]

    before, after = (
        in_numpy(a_network()).predict(evidence(*({"label": label} for label in order))).probabilities for order in (labels, swapped)
    )

    assert not np.allclose(before[2], after[2], atol=1e-6)
    assert np.allclose(before[8:], after[8:], atol=1e-5)


def test_a_large_form_with_long_lists_in_many_scripts_gets_finite_stable_probabilities() -> None:
    options = [f"option {number}" for number in range(500)]
    scripts = ["E-mail", "電子メール / почта", "بريد email", "ई-मेल", "📧"]
    fields = [{"label": f"{scripts[number % 5]} {number}", "type": "select", "options": options} for number in range(300)]
    ranker = in_numpy(a_network())

    whole = ranker.predict(evidence(*fields)).probabilities

    assert whole.shape == (300, len(CLASSES))
    assert np.array_equal(whole, ranker.predict(evidence(*fields)).probabilities)
    assert np.isfinite(whole).all()


def test_a_form_without_fields_gives_no_rows() -> None:
    assert in_numpy(a_network()).predict(evidence()).probabilities.shape == (0, len(CLASSES))


def test_training_learns_the_labels_and_is_deterministic() -> None:
    packed = pack(FORMS)
    first, second = a_network(), a_network()

    fit(first, packed, seed=1, epochs=30)
    fit(second, packed, seed=1, epochs=30)

    assert (class_logits(first, packed).argmax(axis=1) == packed.truth).mean() >= 8 / 9
    assert np.array_equal(class_logits(first, packed), class_logits(second, packed))


def test_a_network_is_trained_the_same_in_parallel_as_alone() -> None:
    packed, words = pack(FORMS), VOCABULARY

    together, alone = (fit_members(words, packed, Plan(members=members, epochs=4)) for members in (3, 1))

    assert np.array_equal(class_logits(together[0], packed), class_logits(alone[0], packed))
    assert not np.allclose(class_logits(together[0], packed), class_logits(together[1], packed))


def test_a_later_first_seed_trains_the_networks_that_would_follow() -> None:
    packed, words = pack(FORMS), VOCABULARY

    _, second = fit_members(words, packed, Plan(members=2, epochs=2))
    [alone] = fit_members(words, packed, Plan(members=1, epochs=2), first_seed=1)

    assert np.array_equal(class_logits(second, packed), class_logits(alone, packed))


def test_a_fitted_ranker_runs_as_inference_runs_it() -> None:
    fitted = fit_ranker(VOCABULARY, FORMS, FORMS, Plan(members=2, epochs=2), synonyms_of(LEXICON, VOCABULARY.numbers))

    loaded = fitted.loaded()

    assert loaded.settings == fitted.settings
    assert {name.partition(".")[0] for name in fitted.arrays} == {"0", "1"}
    assert loaded.predict(FORMS[0].evidence).probabilities.sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_a_field_without_a_weight_is_context_and_teaches_nothing() -> None:
    right = a_form("email", "comments", "phone", weight=[1, 0, 0.5])
    wrong = a_form("email", "comments", "phone", weight=[1, 0, 0.5], truth=[1, 2, 2])
    first, second = a_network(), a_network()

    fit(first, pack([right, *FORMS]), seed=1, epochs=3)
    fit(second, pack([wrong, *FORMS]), seed=1, epochs=3)

    assert np.array_equal(class_logits(first, pack(FORMS)), class_logits(second, pack(FORMS)))


def test_the_loss_is_weighted_and_a_rejected_class_is_pushed_down() -> None:
    [batch] = evaluation_batches(pack([a_form("email", "phone", truth=[1, 2], weight=[1, 3], is_rejected=[False, True])]))
    shown = torch.log(torch.tensor([[0.2, 0.7, 0.1], [0.3, 0.3, 0.4]]))

    loss = loss_of(shown, torch.zeros(len(shown), len(WHOSE)), batch)

    assert float(loss) == pytest.approx((-np.log(0.7) - 3 * np.log(1 - 0.4)) / 4, abs=1e-5)


def test_a_rejection_that_the_network_is_sure_of_has_a_finite_loss() -> None:
    """And pushes it down as strongly as any other: what the network is sure of, and wrong about, is what people reject."""
    [batch] = evaluation_batches(pack([a_form("email", is_rejected=[True])]))
    shown = torch.tensor([[-100.0, 100.0, -100.0]], requires_grad=True)

    loss = loss_of(shown, torch.zeros(len(shown), len(WHOSE)), batch)
    loss.backward()  # type: ignore[no-untyped-call]

    assert torch.isfinite(loss)
    assert shown.grad is not None
    assert shown.grad[0].tolist() == pytest.approx([-0.5, 1, -0.5], abs=1e-4)


def test_what_is_rejected_becomes_improbable() -> None:
    network, packed = a_network(), pack([a_form("comments", truth=[1], is_rejected=[True]), *FORMS])

    fit(network, packed, seed=1, epochs=30)

    assert softmax(class_logits(network, packed), 1.0)[0, 1] < 0.05


def test_a_batch_of_context_alone_changes_no_prediction_to_nonsense() -> None:
    network, packed = a_network(), pack([a_form("email", weight=[0])])

    fit(network, packed, seed=1, epochs=2)

    assert np.isfinite(class_logits(network, packed)).all()


def test_a_warm_start_goes_on_from_the_weights_of_the_parent() -> None:
    parent, packed = a_network(), pack(FORMS)
    fit(parent, packed, seed=1, epochs=30)
    arrays = parent.arrays()
    further, again = (fit_members(VOCABULARY, packed, Plan(1, 2, learning_rate=1e-4), start=[arrays])[0] for _ in range(2))

    assert np.abs(class_logits(further, packed) - class_logits(parent, packed)).max() < 0.5
    assert not np.array_equal(class_logits(further, packed), class_logits(parent, packed))
    assert np.array_equal(class_logits(further, packed), class_logits(again, packed))


@pytest.mark.parametrize("fault", [{}, {"out": np.zeros((3, 3))}])
def test_weights_of_another_vocabulary_are_no_start(fault: dict[str, object]) -> None:
    arrays = {name: array for name, array in a_network().arrays().items() if name != "out"} | fault

    with pytest.raises(ValueError, match="the weights out do not fit"):
        a_network().load(arrays)  # type: ignore[arg-type]


def label_grams(packed: PackedForms, epochs: int) -> set[int]:
    """The n-grams that the labels have in so many epochs."""
    drawn = (batch for epoch in range(epochs) for batch in augmented_batches(packed, np.random.default_rng(epoch)))
    return {int(bucket) for batch in drawn for bucket in batch.grams[0][0]}


def test_labels_that_the_lexicon_knows_are_in_other_words_now_and_then_and_others_never() -> None:
    known, unknown = a_form("email"), a_form("comments")
    synonyms = synonyms_of(Lexicon(exact={"email": "email", "zzyzx": "email"}), VOCABULARY.numbers)
    foreign = set(bags(["zzyzx"]).buckets.tolist()) - set(bags(["email", "comments"]).buckets.tolist())

    assert foreign <= label_grams(pack([known], synonyms), 60)
    assert not foreign & label_grams(pack([known]), 60)
    assert not foreign & label_grams(pack([unknown], synonyms), 60)


def test_what_is_measured_has_its_own_words() -> None:
    synonyms = synonyms_of(Lexicon(exact={"zzyzx": "email"}), VOCABULARY.numbers)

    [batch] = evaluation_batches(pack([a_form("email")], synonyms))

    assert batch.grams[0][0].tolist() == bags(["email"]).buckets.tolist()


def test_without_synonyms_the_labels_stay() -> None:
    empty = synonyms_of(Lexicon(), VOCABULARY.numbers)

    assert label_grams(pack(FORMS, empty), 3) == label_grams(pack(FORMS), 3)


def test_an_epoch_has_every_form_and_no_synthetic_input() -> None:
    packed = pack(FORMS)

    batches = list(augmented_batches(packed, np.random.default_rng(3)))

    assert len(batches) == batches_per_epoch(packed) == 1
    assert int(batches[0].form.max()) + 1 == len(FORMS)
    assert set(batches[0].lexical.unique().tolist()) <= set(packed.lexical.ravel().tolist()) | {0}
    assert all(int(counts.sum()) == len(buckets) for buckets, counts in batches[0].grams)


def test_evaluation_batches_are_unchanged_forms() -> None:
    packed = pack(FORMS)

    batches = list(evaluation_batches(packed))

    assert [len(batch.truth) for batch in batches] == [len(form.truth) for form in FORMS]
    assert torch.cat([batch.truth for batch in batches]).tolist() == packed.truth.tolist()
    assert torch.cat([batch.grams[0][0] for batch in batches]).tolist() == packed.buckets[0].tolist()


def test_the_temperature_corrects_overconfidence() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 600)
    shown = np.where(rng.random(600) < 0.7, truth, rng.integers(0, 3, 600))
    overconfident = (np.eye(3)[shown] * 6).astype(np.float32)

    all_of_user = np.where(np.arange(len(WHOSE)) == 0, 99, 0).astype(np.float32) * np.ones((600, 1), np.float32)

    temperature = fit_temperature([(overconfident, all_of_user)], truth, CLASSES)

    before = expected_calibration_error(softmax(overconfident, 1.0), truth)
    after = expected_calibration_error(softmax(overconfident, temperature), truth)
    assert temperature > 1.5
    assert after < before / 3


def saved(folder: Path, **changes: object) -> tuple[Path, Path]:
    settings = settings_of(VOCABULARY, 1.0, members=1)
    (folder / "ranker.json").write_text(settings.model_dump_json(), "utf-8")
    arrays = {f"0.{name}": array for name, array in a_network().arrays().items()} | changes
    np.savez(folder / "ranker.npz", **{name: array for name, array in arrays.items() if array is not None})  # type: ignore[arg-type]
    return folder / "ranker.json", folder / "ranker.npz"


def test_a_saved_ranker_is_loaded_again(tmp_path: Path) -> None:
    ranker = load_ranker(*saved(tmp_path))

    expected = in_numpy(a_network()).predict(evidence({"label": "Email"})).probabilities
    assert np.allclose(ranker.predict(evidence({"label": "Email"})).probabilities, expected, atol=1e-6)


@pytest.mark.parametrize(
    "changes", [{"0.out": None}, {"0.grams": np.zeros((4, 2))}, {"0.near": np.zeros((99, 160))}, {"0.bias": np.array([{}], dtype=object)}]
)
def test_weights_that_do_not_fit_are_refused_by_name(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(CorruptVersion, match=r"ranker\.npz"):
        load_ranker(*saved(tmp_path, **changes))


def test_invalid_settings_are_refused_by_name(tmp_path: Path) -> None:
    settings, weights = saved(tmp_path)
    settings.write_text('{"classes": [], "temperature": 0}', "utf-8")

    with pytest.raises(CorruptVersion, match=r"ranker\.json"):
        load_ranker(settings, weights)


def test_weights_that_are_not_an_archive_are_refused_by_name(tmp_path: Path) -> None:
    settings, weights = saved(tmp_path)
    weights.write_bytes(b"not an archive")

    with pytest.raises(CorruptVersion, match=r"ranker\.npz"):
        load_ranker(settings, weights)
