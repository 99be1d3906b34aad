"""Reading the index of a version: of this release, of earlier ones, and damaged ones."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest

from fieldwise_common.errors import CorruptVersion
from fieldwise_inference.serving import index as serving_index
from fieldwise_inference.serving.index import FaissIndex, read_meta

HEADER = {"metric": "inner_product", "kind": "per-synonym", "dimension": 4}
VECTORS = np.eye(4, dtype=np.float32)
META = HEADER | {"ids": ["email", "tel"], "id_numbers": [0, 1, 1, 0], "texts": ["Email", "Phone", "Mobile", "Mail"]}
EARLIER = HEADER | {
    "entries": {str(n): [META["ids"][i], t] for n, (i, t) in enumerate(zip(META["id_numbers"], META["texts"], strict=True))}
}


def written(folder: Path, index: faiss.Index, meta: object) -> tuple[Path, Path]:
    faiss.write_index(index, str(folder / "index.faiss"))
    (folder / "meta.json").write_text(json.dumps(meta))
    return folder / "index.faiss", folder / "meta.json"


def numbered(inner: faiss.Index) -> faiss.Index:
    index = faiss.IndexIDMap(inner)
    index.add_with_ids(VECTORS, np.arange(4))
    return index


def flat(metric: int = faiss.METRIC_INNER_PRODUCT, vectors: int = 4) -> faiss.Index:
    index = faiss.IndexFlat(4, metric)
    index.add(VECTORS[:vectors])
    return index


@pytest.mark.parametrize("inner", [faiss.IndexFlatIP(4), faiss.IndexHNSWFlat(4, 4, faiss.METRIC_INNER_PRODUCT)])
def test_an_index_of_an_earlier_release_still_searches(inner: faiss.Index, tmp_path: Path) -> None:
    index = FaissIndex(*written(tmp_path, numbered(inner), EARLIER))

    assert [(near.canonical, near.text, near.score) for near in index.search(VECTORS[2:3], 1)[0]] == [("tel", "Mobile", 1.0)]


def test_only_the_nearest_synonym_of_each_id_is_returned_and_equal_ones_are_sorted(tmp_path: Path) -> None:
    index = FaissIndex(*written(tmp_path, flat(), META))
    query = np.array([[0.3, 0.6, 0.6, 0.1]], np.float32)

    [near] = index.search(query, 4)

    assert [(one.canonical, one.text, one.score) for one in near] == [("tel", "Mobile", 0.6), ("email", "Email", 0.3)]
    assert [one.canonical for one in index.search(query, 2)[0]] == ["tel"]
    assert index.search(np.full((1, 4), np.nan, np.float32), 4) == [[]]
    assert index.search(np.empty((0, 4), np.float32), 4) == []


def test_both_layouts_of_meta_say_the_same() -> None:
    assert read_meta(json.dumps(EARLIER).encode()) == read_meta(json.dumps(META).encode())


@pytest.mark.parametrize(
    "changed",
    [
        META | {"texts": ["Email"]},
        META | {"id_numbers": [0, 1, 1, 2]},
        META | {"id_numbers": [0, 1, 1, -1]},
        META | {"metric": "l2"},
        EARLIER | {"entries": {"7": ["email", "Email"]}},
        [],
    ],
)
def test_a_meta_that_contradicts_itself_is_refused_by_name(changed: object) -> None:
    with pytest.raises(CorruptVersion, match=r"meta\.json: \d+ wrong values"):
        read_meta(json.dumps(changed).encode())


@pytest.mark.parametrize("index", [flat(vectors=3), numbered(faiss.IndexFlatIP(4)), flat(faiss.METRIC_L2)])
@pytest.mark.parametrize(
    "meta", [META | {"dimension": 5}, META | {"parameters": {"bytes": 2}}, META | {"id_numbers": [0], "texts": ["Email"]}]
)
def test_an_index_that_does_not_fit_its_meta_or_has_another_metric_is_refused_by_name(
    index: faiss.Index, meta: object, tmp_path: Path
) -> None:
    with pytest.raises(CorruptVersion, match=r"index\.faiss (has \(vectors, dimension\)|doesn't search by inner product)"):
        FaissIndex(*written(tmp_path, index, meta))


@pytest.mark.parametrize("damage", [lambda body: b"Ix99" + body[4:], lambda body: body[: len(body) // 2], lambda _: b""])
def test_an_index_of_an_unknown_type_or_a_damaged_one_is_refused_by_name(damage: object, tmp_path: Path) -> None:
    index, meta = written(tmp_path, flat(), META)
    index.write_bytes(damage(index.read_bytes()))  # type: ignore[operator]

    with pytest.raises(CorruptVersion, match=r"index\.faiss can't be read: it is damaged, or of a type that this FAISS does not know"):
        FaissIndex(index, meta)


def test_an_index_whose_file_is_deleted_still_searches(tmp_path: Path) -> None:
    files = written(tmp_path, flat(), META)
    index = FaissIndex(*files)

    for path in files:
        path.unlink()

    assert index.search(VECTORS[:1], 1)[0][0].text == "Email"


def test_the_neighbours_of_a_vector_are_the_same_when_they_are_cached_and_among_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_index, "CACHE_SIZE", 3)
    paths = written(tmp_path, flat(), META)
    index = FaissIndex(*paths)
    queries = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
    repeated = queries[[0, 1, 0, 2, 3, 4, 1]]

    first, again = index.search(repeated, 3), index.search(repeated, 3)

    assert first == again == [FaissIndex(*paths).search(vector[None], 3)[0] for vector in repeated]
    assert index.search(queries[:1], 1)[0] == first[0][:1]


def test_a_vector_is_searched_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = FaissIndex(*written(tmp_path, flat(), META))
    asked: list[int] = []
    search = index._index.search
    monkeypatch.setattr(index._index, "search", lambda vectors, k: asked.append(len(vectors)) or search(vectors, k))

    index.search(VECTORS[[0, 1, 0]], 2)
    index.search(VECTORS[[1, 2]], 2)

    assert asked == [2, 1]


def test_a_search_uses_one_thread_wherever_the_index_was_loaded(tmp_path: Path) -> None:
    paths = written(tmp_path, flat(), META)
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(2)
    try:
        with ThreadPoolExecutor(1) as pool:
            index = pool.submit(FaissIndex, *paths).result()

        index.search(VECTORS[:1], 1)

        assert faiss.omp_get_max_threads() == 1
    finally:
        faiss.omp_set_num_threads(before)
