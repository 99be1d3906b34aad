from fieldwise_training.release.provenance import sources


def test_the_code_version_covers_code_and_the_tables_that_decide() -> None:
    names = [name for name, _ in sources()]

    assert names == list(dict.fromkeys(names))
    assert {
        "fieldwise_common/canonical.toml",
        "fieldwise_common/countries.json",
        "fieldwise_inference/classify/decide.py",
        "fieldwise_inference/fill/choices/equivalents.json",
        "fieldwise_training/ranker/fit.py",
    } <= set(names)
