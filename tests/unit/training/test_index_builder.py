import json
from pathlib import Path

import faiss
import numpy as np
import pytest
from tests.support.tiny_version import write_encoder

from fieldwise_common.errors import DataError
from fieldwise_inference.serving.index import FaissIndex
from fieldwise_training.canonical_loader import Entry
from fieldwise_training.index.index_builder import blobs, build_index, vectors_of

ENTRIES = (Entry("given-name", "First name"), Entry("given-name", "Name first"), Entry("email", "Email"))


def texts(folder: Path) -> list[list[str]]:
    return list(json.loads((folder / "meta.json").read_text())["entries"].values())


def test_every_synonym_has_its_own_unit_vector_under_the_id_meta_names(tmp_path: Path) -> None:
    encoder = write_encoder(tmp_path)

    size = build_index(ENTRIES, encoder, "per-synonym", tmp_path)

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
    assert build_index(ENTRIES, write_encoder(tmp_path), "blob", tmp_path) == 2
    assert json.loads((tmp_path / "meta.json").read_text())["kind"] == "blob"
    assert texts(tmp_path) == [["given-name", "First name Name first"], ["email", "Email"]]


def test_an_empty_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="index would be empty"):
        build_index((), write_encoder(tmp_path), "per-synonym", tmp_path)


def test_more_texts_than_one_batch_keep_their_order(tmp_path: Path) -> None:
    many = [Entry("email", f"Email {number}") for number in range(150)]

    assert build_index(many, write_encoder(tmp_path), "per-synonym", tmp_path) == 150
    assert texts(tmp_path)[149] == ["email", "Email 149"]


def test_blobs_keep_the_order_of_ids_and_texts() -> None:
    assert blobs(ENTRIES) == [Entry("given-name", "First name Name first"), Entry("email", "Email")]


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
