import re

from fieldwise_common.store import layout

FILES = (
    layout.POINTER,
    layout.OVERRIDES,
    layout.SHADOW,
    layout.MANIFEST,
    *layout.SERVED,
    *layout.DATA.values(),
    layout.PREDICTIONS,
    layout.FINE_TUNING,
    layout.CALIBRATION,
    layout.METRICS,
    layout.REPORT,
)


def test_the_tree_in_the_docstring_has_every_file_and_no_other() -> None:
    drawn = re.findall(r"── ([\w.]+)(?!\S)", str(layout.__doc__))

    assert sorted(drawn) == sorted(name.removeprefix("data/") for name in FILES)
    assert f"── {layout.BASE_MODEL} " in str(layout.__doc__)
