"""Several networks run as one: the probabilities are their mean."""

from pathlib import Path

import numpy as np
import pytest
import torch

from fieldwise_common.errors import CorruptVersion
from fieldwise_common.wire import FieldDescriptor
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.lexicon import Lexicon
from fieldwise_inference.classify.ports import Neighbour
from fieldwise_inference.classify.ranker.evidence import Candidates, Evidence, gather
from fieldwise_inference.classify.ranker.model import NumpyRanker, load_ranker
from fieldwise_inference.classify.ranker.weights import weights_from
from fieldwise_training.ranker.batches import pack
from fieldwise_training.ranker.build import settings_of
from fieldwise_training.ranker.examples import WHOSE, Example, Vocabulary
from fieldwise_training.ranker.fit import logits
from fieldwise_training.ranker.network import Network
from fieldwise_training.ranker.temperature import predicted

CLASSES = ("none", "email", "tel")
IDS = ("email", "none:search", "tel")
LEXICON = Lexicon(exact={"email": "email", "phone": "tel", "search": "none:search"})
FIELDS = (
    {"label": "Email", "name": "user_email", "type": "email", "maxlength": 50},
    {"label": "電話番号", "placeholder": "Phone", "id": "tel1", "options": ["a", "b"]},
    {},
    {"label": "phone", "name": "tel_area"},
    {"label": "phone", "name": "tel_prefix"},
)


def evidence() -> Evidence:
    views = [FieldView(FieldDescriptor.model_validate({"selector": f"#{i}", **f})) for i, f in enumerate(FIELDS)]
    close = Candidates([Neighbour("tel", "phone", 0.9), Neighbour("email", "email", 0.5)], fuzzy="tel")
    near = [close if i % 2 else Candidates() for i in range(len(FIELDS))]
    return gather(views, near, LEXICON, {canonical: i + 1 for i, canonical in enumerate(IDS)})


def a_network(seed: int) -> Network:
    """Its weights are float16 values, so that saving them is lossless."""
    network = Network(len(CLASSES), np.array([0, 1, 0, 2]), len(WHOSE), seed).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(weight.half().float())
    return network


def in_numpy(*networks: Network, temperature: float = 1.3) -> NumpyRanker:
    settings = settings_of(Vocabulary(CLASSES, IDS), temperature, len(networks))
    arrays = {f"{number}.{name}": array for number, network in enumerate(networks) for name, array in network.arrays().items()}
    return NumpyRanker(settings, tuple(weights_from(arrays, number) for number in range(len(networks))))


def test_several_networks_give_the_mean_of_their_probabilities_in_torch() -> None:
    networks = [a_network(seed) for seed in range(3)]
    n = len(FIELDS)
    example = Example(evidence(), np.zeros(n, np.int64), np.ones(n, np.float32), np.zeros(n, bool), np.zeros(n, np.int64), 0)

    ours = in_numpy(*networks).predict(example.evidence).probabilities

    theirs = predicted([logits(network, pack([example])) for network in networks], 1.3, CLASSES)
    assert np.allclose(ours, theirs, atol=1e-4)


def test_a_networks_probabilities_do_not_depend_on_the_others() -> None:
    one, other = a_network(1), a_network(2)

    together = in_numpy(one, other).predict(evidence()).probabilities

    alone = [in_numpy(network).predict(evidence()).probabilities for network in (one, other)]
    assert np.allclose(together, np.mean(alone, axis=0), atol=1e-6)


def test_networks_of_different_shapes_are_refused_by_name(tmp_path: Path) -> None:
    settings = settings_of(Vocabulary(CLASSES, IDS), 1.0, members=2)
    (tmp_path / "ranker.json").write_text(settings.model_dump_json(), "utf-8")
    arrays = {f"{number}.{name}": array for number in range(2) for name, array in a_network(number).arrays().items()}
    arrays["1.pool"] = arrays["1.pool"][:7]
    np.savez(tmp_path / "ranker.npz", **arrays)  # type: ignore[arg-type]

    with pytest.raises(CorruptVersion, match=r"ranker\.npz"):
        load_ranker(tmp_path / "ranker.json", tmp_path / "ranker.npz")
