import json
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.tiny_version import write_encoder

from fieldwise_common.errors import DataError
from fieldwise_inference.serving.index import FaissIndex
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.index import search
from fieldwise_training.index.index_builder import blobs, build_index, vectors_of
from fieldwise_training.index.search import MIN_RECALL, misspelt

ENTRIES = (Entry("given-name", "First name"), Entry("given-name", "Name first"), Entry("email", "Email"))


def texts(folder: Path) -> list[list[str]]:
    return list(json.loads((folder / "meta.json").read_text())["entries"].values())


def test_every_synonym_has_its_own_unit_vector_under_the_id_meta_names(tmp_path: Path) -> None:
    encoder = write_encoder(tmp_path)

    size = build_index(ENTRIES, encoder, "per-synonym", tmp_path).size

    index = faiss.read_index(str(tmp_path / "index.faiss"))
    assert (size, index.ntotal, index.d, type(index)) == (3, 3, 8, faiss.IndexIDMap)
    assert texts(tmp_path) == [["given-name", "First name"], ["given-name", "Name first"], ["email", "Email"]]
    nearest = FaissIndex(tmp_path / "index.faiss", tmp_path / "meta.json").search(encoder.encode(["Email"]), 1)[0][0]
    assert (nearest.canonical, nearest.text) == ("email", "Email")
    assert np.isclose(nearest.score, 1.0)


def test_texts_equally_near_are_sorted_by_name_whatever_the_order_they_were_added_in(tmp_path: Path) -> None:
    encoder = write_encoder(tmp_path)
    same = [
        Entry(canonical, text) for canonical, text in (("tel", "EMAIL"), ("email", "email"), ("email", "Email"), ("name", "First name"))
    ]

    found = []
    for entries in (same, same[::-1]):
        build_index(entries, encoder, "per-synonym", tmp_path)
        index = FaissIndex(tmp_path / "index.faiss", tmp_path / "meta.json")
        found.append([(near.canonical, near.text) for near in index.search(encoder.encode(["email"]), 3)[0]])

    assert found == [[("email", "Email"), ("email", "email"), ("tel", "EMAIL")]] * 2


def test_a_blob_is_all_texts_of_an_id_joined(tmp_path: Path) -> None:
    assert build_index(ENTRIES, write_encoder(tmp_path), "blob", tmp_path).size == 2
    assert json.loads((tmp_path / "meta.json").read_text())["kind"] == "blob"
    assert texts(tmp_path) == [["given-name", "First name Name first"], ["email", "Email"]]


def test_an_empty_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="index would be empty"):
        build_index((), write_encoder(tmp_path), "per-synonym", tmp_path)


def test_more_texts_than_one_batch_keep_their_order(tmp_path: Path) -> None:
    many = [Entry("email", f"Email {number}") for number in range(150)]

    assert build_index(many, write_encoder(tmp_path), "per-synonym", tmp_path).size == 150
    assert texts(tmp_path)[149] == ["email", "Email 149"]


def test_blobs_keep_the_order_of_ids_and_texts() -> None:
    assert blobs(ENTRIES) == [Entry("given-name", "First name Name first"), Entry("email", "Email")]


def word(number: int) -> str:
    """A text that no other number has; the tiny encoder embeds only five words, so texts here get their vectors as known ones."""
    return f"text number {number}"


def random_vectors(count: int, around: int = 400) -> NDArray[np.float32]:
    """Unit vectors in clusters, as synonyms are; float32 (count, 32)."""
    draw = np.random.default_rng(7)
    centres = draw.normal(size=(around, 32))
    vectors = centres[draw.integers(0, around, count)] + 0.5 * draw.normal(size=(count, 32))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class Nearby:
    """Embeds a misspelt text a little beside the vector of the text it was."""

    def __init__(self, known: dict[str, NDArray[np.float32]]) -> None:
        self._beside = dict(zip(misspelt(list(known), len(known)), known.values(), strict=True))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        draw = np.random.default_rng(11)
        near = np.stack([self._beside[text] for text in texts]) + 0.05 * draw.normal(size=(len(texts), 32))
        return (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)

    encode = embed


@pytest.fixture(scope="module")
def many() -> dict[str, NDArray[np.float32]]:
    return {word(number): vector for number, vector in enumerate(random_vectors(20_000))}


def opened(folder: Path) -> FaissIndex:
    return FaissIndex(folder / "index.faiss", folder / "meta.json")


def test_beyond_the_limit_the_index_is_a_graph_that_finds_what_exact_search_finds(
    tmp_path: Path, many: dict[str, NDArray[np.float32]]
) -> None:
    entries = [Entry("email", text) for text in many]
    graph_folder, flat_folder = tmp_path / "graph", tmp_path / "flat"
    graph_folder.mkdir(), flat_folder.mkdir()

    built = build_index(entries, Nearby(many), "per-synonym", graph_folder, many, flat_up_to=19_999)
    flat = build_index(entries, Nearby(many), "per-synonym", flat_folder, many, flat_up_to=20_000)

    assert (built.type, flat.type, flat.recall, flat.parameters) == ("hnsw", "flat", 1.0, {})
    assert built.recall >= MIN_RECALL
    meta = json.loads((graph_folder / "meta.json").read_text())
    assert (meta["type"], meta["recall"], meta["parameters"]) == ("hnsw", built.recall, dict(built.parameters))
    queries = Nearby(many).embed(misspelt(list(many), 300))
    exact, found = (opened(folder).search(queries, 16) for folder in (flat_folder, graph_folder))
    same = [one[0] == other[0] for one, other in zip(exact, found, strict=True)]
    assert sum(same) / len(same) >= MIN_RECALL
    assert all(row == sorted(row, key=lambda near: -near.score) and len(row) == 16 for row in found)


def test_the_same_vectors_give_the_same_graph_whose_vectors_the_next_version_reuses(
    tmp_path: Path, many: dict[str, NDArray[np.float32]]
) -> None:
    some = dict(list(many.items())[:3_000])
    entries = [Entry("email", text) for text in some]
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
        build_index(entries, Nearby(some), "per-synonym", folder, some, flat_up_to=10)

    assert len({(folder / "index.faiss").read_bytes() for folder in folders}) == 1
    again = vectors_of(folders[0] / "index.faiss", folders[0] / "meta.json")
    assert again.keys() == some.keys()
    assert all(np.array_equal(again[text], vector) for text, vector in some.items())


def test_a_graph_that_finds_too_little_is_searched_more_widely_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = random_vectors(2_000, around=2_000)
    queries = random_vectors(200, around=200)

    monkeypatch.setattr(search, "BREADTHS", (1, 512))
    wide = search.graph(vectors, queries)
    monkeypatch.setattr(search, "BREADTHS", (1,))
    given_up = search.graph(vectors, queries)

    assert (wide.facts.type, wide.facts.parameters["efSearch"]) == ("hnsw", 512)
    assert (given_up.facts.type, given_up.facts.recall) == ("flat", 1.0)


def test_a_misspelt_text_lacks_one_character_and_texts_are_taken_evenly() -> None:
    assert misspelt(["Email", "x", "Phone", "City"], 2) == ["Emil", "Ciy"]
    assert misspelt(["x"]) == ["x"]


def test_a_text_another_version_has_embedded_is_not_embedded_again(tmp_path: Path) -> None:
    encoder = write_encoder(tmp_path)
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir(), after.mkdir()
    build_index(ENTRIES, encoder, "per-synonym", before)
    known = vectors_of(before / "index.faiss", before / "meta.json")
    marked = known | {"Email": np.roll(known["Email"], 1)}

    build_index([*ENTRIES, Entry("tel", "Phone")], encoder, "per-synonym", after, marked)

    again = vectors_of(after / "index.faiss", after / "meta.json")
    assert np.array_equal(again["Email"], marked["Email"])
    assert np.array_equal(again["First name"], known["First name"])
    assert np.allclose(again["Phone"], encoder.encode(["Phone"])[0])
