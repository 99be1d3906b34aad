"""The log that simulated thumbs make is read as feedback and learned from; and what is said about the gain."""

from pathlib import Path

from benchmarks.loop.people import SiteForm
from benchmarks.loop.thumbs import answers_of, gain, share_of_sites, write_thumbs
from tests.support.tiny_version import write_version

from fieldwise_inference.classify.sites import NO_SITES
from fieldwise_inference.serving.version import load_version
from fieldwise_training.evaluation.agreed import is_held_out
from fieldwise_training.feedback.carry import read_feedback
from fieldwise_training.feedback.source import UNREAD
from fieldwise_training.ranker.lessons import learn

FIELDS = ({"selector": "#a", "label": "Email"}, {"selector": "#b", "label": "Phone"}, {"selector": "#c", "label": "Search"})


def forms(number: int, truth: tuple[str, ...] = ("email", "given-name", "none")) -> list[SiteForm]:
    return [SiteForm(f"https://{n}.example", "en", FIELDS, truth) for n in range(number)]


def test_thumbs_in_a_log_become_lessons(tmp_path: Path) -> None:
    version = load_version("v", write_version(tmp_path / "version"))

    thumbs = write_thumbs(tmp_path, version, forms(20))
    new = read_feedback(thumbs.log, UNREAD, tmp_path)

    assert (thumbs.confirmed, thumbs.corrected) == (20, 20)
    trained = {row.site for row in new.judged if not is_held_out(row.site)}
    learning = learn(new.judged, new.votes, NO_SITES, version.lexicon, ("none", "email", "given-name", "tel"), 16_000)
    assert {tuple(target.canonical for target in lesson.targets if target.weight) for lesson in learning.lessons} == {
        ("email", "given-name")
    }
    assert (learning.facts.sites, learning.facts.fields, learning.facts.users) == (len(trained), 2 * len(trained), 1)


def test_answers_are_those_of_a_stranger(tmp_path: Path) -> None:
    version = load_version("v", write_version(tmp_path / "version"))

    assert answers_of(version, forms(1)) == [["email", "tel", "none"]]


def test_a_larger_share_of_sites_has_all_of_a_smaller_one() -> None:
    every = forms(40)

    small, rest = share_of_sites(every, 0.25)
    large, _ = share_of_sites(every, 0.5)

    assert (len(small), len(rest), len(large)) == (10, 30, 20)
    assert {form.origin for form in small} < {form.origin for form in large}


def test_the_gain_has_an_interval_over_sites() -> None:
    every = forms(30)
    before = [["email", "tel", "none"]] * 30
    after = [["email", "given-name", "none"]] * 20 + [["email", "tel", "none"]] * 10

    found = gain(every, before, after)

    assert (found.fields, found.sites, found.gain) == (90, 30, 22.22)
    assert 0 < found.low < found.gain < found.high < 34
    assert found.accuracy == (66.67, 88.89)
    assert found.precision == found.recall == (50.0, 83.33)
    same = gain(every, before, before)
    assert (same.gain, same.low, same.high) == (0.0, 0.0, 0.0)
