"""What `make bench-index` measures, on few vectors."""

from pathlib import Path

from benchmarks.index import BUILT, EXACT, build, draw, serve, synthetic


def test_both_indexes_of_the_same_vectors_are_measured_and_drawn(tmp_path: Path) -> None:
    built = build(1_500, tmp_path)
    measured = [one.model_copy(update=serve(tmp_path / one.search)) for one in built]

    assert [(one.search, one.type, one.vectors) for one in measured] == [(EXACT, "flat", 1_500), (BUILT, "pq", 1_500)]
    assert [one.recall >= 0.99 for one in measured] == [True, True]
    assert all(one.load_ms > 0 and one.p50_ms > 0 and one.file_mb > 0 for one in measured)

    draw(measured, tmp_path / "index.png")

    assert (tmp_path / "index.png").read_bytes().startswith(b"\x89PNG")


def test_synthetic_vectors_are_clustered_and_the_same_each_time() -> None:
    vectors, queries = synthetic(400)
    nearest = sorted((vectors @ vectors.T - 2 * (vectors @ vectors.T > 0.9999)).max(axis=1))

    assert 0.5 < nearest[200] < 0.95
    assert (synthetic(400)[0] == vectors).all()
    assert len(queries) == 1_000
