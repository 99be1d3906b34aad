from pathlib import Path

from tools.option_names import document

from fieldwise_inference.classify import option_kinds


def test_the_committed_table_is_up_to_date() -> None:
    committed = Path(option_kinds.__file__).with_name("option_names.json")

    assert committed.read_text(encoding="utf-8") == document(), f"run: python -m tools.option_names > {committed.name}"
