from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.tiny_version import write_encoder

from fieldwise_common.errors import DataError
from fieldwise_inference.serving.index import FaissIndex, read_meta, read_vectors
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.index import search
from fieldwise_training.index.index_builder import blobs, build_index
from fieldwise_training.index.search import MIN_RECALL, misspelt

ENTRIES = (Entry("given-name", "First name"), Entry("given-name", "Name first"), Entry("email", "Email"))


def texts(folder: Path) -> list[list[str]]:
    meta = read_meta((folder / "meta.json").read_bytes())
    return [[meta.ids[number], text] for number, text in zip(meta.id_numbers, meta.texts, strict=True)]


def test_every_synonym_has_its_own_unit_vector_under_the_id_meta_names(tmp_path: Path) -> None:
    encoder = write_encoder(tmp_path)

    size = build_index(ENTRIES, encoder, "per-synonym", tmp_path).size

    index = faiss.read_index(str(tmp_path / "index.faiss"))
    assert (size, index.ntotal, index.d, type(index)) == (3, 3, 8, faiss.IndexFlatIP)
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

    assert found == [[("email", "Email"), ("tel", "EMAIL")]] * 2


def test_a_blob_is_all_texts_of_an_id_joined(tmp_path: Path) -> None:
    assert build_index(ENTRIES, write_encoder(tmp_path), "blob", tmp_path).size == 2
    assert read_meta((tmp_path / "meta.json").read_bytes()).kind == "blob"
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
    return {word(number): vector for number, vector in enumerate(random_vectors(3_000))}


def opened(folder: Path) -> FaissIndex:
    return FaissIndex(folder / "index.faiss", folder / "meta.json")


@pytest.fixture(scope="module")
def both(many: dict[str, NDArray[np.float32]], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same texts in an index of codes and in one that compares every vector; every text has an id of its own."""
    entries = [Entry(f"id-{number}", text) for number, text in enumerate(many)]
    coded, flat = (tmp_path_factory.mktemp(name) for name in ("coded", "flat"))
    build_index(entries, Nearby(many), "per-synonym", coded, many, flat_up_to=2_999)
    build_index(entries, Nearby(many), "per-synonym", flat, many, flat_up_to=3_000)
    return coded, flat


def test_an_index_of_codes_finds_what_exact_search_finds_with_the_same_scores(
    both: tuple[Path, Path], many: dict[str, NDArray[np.float32]]
) -> None:
    coded, flat = (read_meta((folder / "meta.json").read_bytes()) for folder in both)
    queries = Nearby(many).embed(misspelt(list(many), 300))

    found, expected = (opened(folder).search(queries, 12) for folder in both)

    assert (coded.type, flat.type, flat.recall, flat.parameters) == ("pq", "flat", 1.0, {})
    assert coded.recall >= MIN_RECALL
    assert coded.parameters == {"M": 16, "bytes": 3, "k_factor": 4}
    assert sum(one[:2] == other[:2] for one, other in zip(found, expected, strict=True)) >= MIN_RECALL * len(queries)
    assert all(len(row) == 12 for row in found)
    exact = [{near.text: near.score for near in row} for row in expected]
    assert all(
        abs(near.score - row.get(near.text, near.score)) <= 0.00011 for nears, row in zip(found, exact, strict=True) for near in nears
    )


def test_a_text_has_the_same_neighbours_alone_and_among_others(both: tuple[Path, Path], many: dict[str, NDArray[np.float32]]) -> None:
    index, queries = opened(both[0]), Nearby(many).embed(misspelt(list(many), 40))

    assert index.search(queries, 12) == [index.search(query[None], 12)[0] for query in queries]
    assert index.search(np.vstack([queries[:1], np.full((1, 32), np.nan, np.float32)]), 12)[1] == []


def test_an_index_of_codes_takes_less_than_its_vectors_and_stays_in_its_file(both: tuple[Path, Path]) -> None:
    coded, flat = ((folder / "index.faiss").stat().st_size for folder in both)
    index = read_vectors(both[0] / "index.faiss")

    assert coded < flat
    assert not faiss.downcast_index(index.refine_index).codes.is_owned


@pytest.mark.parametrize("cells", [False, True])
def test_the_same_vectors_give_the_same_file_whatever_the_number_of_threads(
    cells: bool, tmp_path: Path, many: dict[str, NDArray[np.float32]]
) -> None:
    vectors = np.stack(list(many.values()))
    for threads in (1, 2):
        faiss.omp_set_num_threads(threads)
        try:
            made = search.search_of(vectors, vectors[:50], scan_up_to=100 if cells else 3_000)
        finally:
            faiss.omp_set_num_threads(1)
        faiss.write_index(made.index, str(tmp_path / f"{threads}.faiss"))

    assert made.facts.type == ("ivf-pq" if cells else "pq")
    assert made.facts.recall >= MIN_RECALL
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_a_search_that_finds_too_little_is_widened_and_then_given_up(
    monkeypatch: pytest.MonkeyPatch, many: dict[str, NDArray[np.float32]]
) -> None:
    vectors, queries = np.stack(list(many.values())), random_vectors(200, around=200)

    monkeypatch.setattr(search, "NEIGHBOURS", 1)
    monkeypatch.setattr(search, "SPARE", 0)
    monkeypatch.setattr(search, "COMPONENTS_PER_CODE", 16)
    monkeypatch.setattr(search, "REFINED", (1, 3_000))
    monkeypatch.setattr(search, "PROBED", (0.01, 1.0))
    wide = search.search_of(vectors, queries, scan_up_to=100)
    scanned = search.search_of(vectors, queries)
    monkeypatch.setattr(search, "REFINED", (1,))
    given_up = search.search_of(vectors, queries, scan_up_to=100)

    assert (wide.facts.type, wide.facts.parameters["nlist"], wide.facts.parameters["nprobe"]) == ("ivf-pq", 109, 109)
    assert (scanned.facts.type, scanned.facts.parameters["k_factor"]) == ("pq", 3_000)
    assert (given_up.facts.type, given_up.facts.recall) == ("flat", 1.0)


def test_a_misspelt_text_lacks_one_character_and_texts_are_taken_evenly() -> None:
    assert misspelt(["Email", "x", "Phone", "City"], 2) == ["Emil", "Ciy"]
    assert misspelt(["x"]) == ["x"]


def test_a_text_that_a_shard_embedded_is_not_embedded_again(tmp_path: Path) -> None:
    encoder = write_encoder(tmp_path)
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir(), after.mkdir()
    build_index(ENTRIES, encoder, "per-synonym", before)
    first, email = encoder.embed(["First name", "Email"])

    build_index(ENTRIES, encoder, "per-synonym", after, {"Email": first, "First name": email})

    assert opened(before).search(email[None], 1)[0][0].text == "Email"
    assert opened(after).search(email[None], 1)[0][0].text == "First name"
