import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldwise_inference.fill.fit import MAX_MATCHED, MAX_NODES, allows, expanded_size


@pytest.mark.parametrize(
    ("pattern", "value", "is_allowed"),
    [
        ("", "anything", True),
        ("[0-9]{5}", "94107", True),
        ("[0-9]{5}", "94107-1234", False),
        ("a|b", "ab", False),
        (r"\p{L}+", "Zoë", True),
        (r"[\w.-]+@[\w.-]+", "ada@example.org", True),
        (r"(?<year>\d{4})\/\d", "1990/1", True),
    ],
)
def test_the_whole_value_must_match_as_in_a_browser(pattern: str, value: str, is_allowed: bool) -> None:
    assert allows(pattern, value) is is_allowed


@pytest.mark.parametrize("pattern", ["[", "(a", "a{2", "*", "[z-a]", "(?<x>a)(?<x>b"])
def test_an_invalid_pattern_is_ignored(pattern: str) -> None:
    assert allows(pattern, "a{2" if pattern == "a{2" else "anything")


def test_a_truncated_pattern_is_ignored() -> None:
    assert allows("a" * 512, "b")


@pytest.mark.parametrize("pattern", ["(((a{1000}){1000}){1000}){1000}", "(a{100}){101}", "a{99999999}", "((b|a{1,3000}){0,4000})"])
def test_a_pattern_that_expands_too_far_is_ignored_before_it_is_compiled(pattern: str) -> None:
    assert expanded_size(pattern) > MAX_NODES
    assert allows(pattern, "b")


@pytest.mark.parametrize(
    ("pattern", "size"), [("abc", 3), (r"\d{3}-\d{4}", 8), ("[a-z]{2}", 2), ("(ab){3}c", 7), ("a)b", 3), ("[]x]{2}", 2)]
)
def test_the_size_of_a_pattern_counts_its_repetitions(pattern: str, size: int) -> None:
    assert expanded_size(pattern) == size


@pytest.mark.parametrize("pattern", ["(?:a|a)*", "(a|aa)+"])
def test_a_pattern_that_takes_too_long_allows_everything(pattern: str) -> None:
    assert allows(pattern, "a" * 60 + "#")


def test_a_very_long_value_is_not_matched() -> None:
    assert allows("[0-9]", "a" * (MAX_MATCHED + 1))


@given(st.text(alphabet="ab()[]{}0123,*+?|\\^$.-d", max_size=40), st.text(alphabet="ab01", max_size=20))
def test_no_pattern_fails_the_request(pattern: str, value: str) -> None:
    assert allows(pattern, value) in {True, False}
