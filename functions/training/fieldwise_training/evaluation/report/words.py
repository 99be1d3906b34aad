"""What a report says in sentences, for readers who have never seen the project."""

from collections.abc import Iterator

from fieldwise_common.wire import Method
from fieldwise_training.evaluation.comparison import Comparison
from fieldwise_training.evaluation.intervals import Difference
from fieldwise_training.evaluation.metrics import percent
from fieldwise_training.evaluation.record import Metrics
from fieldwise_training.evaluation.report.content import ReportContent
from fieldwise_training.state import Mode

CHECKS = {
    "accuracy": "Is it good enough at all? The share of held-out fields decided correctly must reach the required one.",
    "champion": "Is it as good as the version in production? On the same fields, it must not lose more than chance explains.",
    "precision": "Does it fill in as few wrong values? Significantly more wrong fills at a lower precision are not accepted.",
    "earlier versions": "Is it as good as the best version before that? Small losses must not add up from version to version.",
    "guard set": "Are the fields right that no person would mistake? None may be lost; feedback can't change this set.",
    "held-out votes": "Does it do as well on what users agree on at sites that it was never trained on?",
}
"""What each check of the gate asks, by its name."""

QUARANTINED = {
    "malformed row": "The row is damaged: it has too few columns, or a text where a number belongs.",
    "neither yes nor no": "The row does not say whether the match was right.",
    "no text": "Nothing is left of the text once it is normalised (punctuation alone, for example).",
    "unknown canonical id": "The id is not in the canonical data. If it was renamed, the feedback about the old name is lost.",
    "no usable time": "The time is missing or can't be read, so the newest vote can't be told from older ones.",
    "no usable verdict": "The verdict is neither “correct” nor “incorrect”, or names an id that can't exist.",
    "no matching decision": "No decision of this user on this field is in the log (it may be older than the log reaches back).",
    "decision of another user": "The feedback is about a decision that another user got: users can't judge each other's forms.",
    "no user": "It is unknown who gave the feedback, so it can't be counted as one person's vote.",
    "no site": "It is unknown on which site the feedback was given.",
}
"""Why rows of feedback could not be used, by the reason under which they are counted."""

CAPPED = {
    "votes of one user on one site": "One user's votes on one site are limited; the newest are kept.",
    "votes of one user": "One user's votes are limited in all, so that nobody crowds out the others; the newest are kept.",
    "votes of a version": "A version carries a limited number of votes; the newest are kept.",
    "forms of one user": "One user's forms are limited in number and size; the newest are kept.",
    "forms of a version": "A version carries a limited number of forms; the newest are kept.",
}
"""Which limits removed votes or forms, by the reason under which they are counted."""

LEFT_OUT = {
    "site held out for the gate": "Its site is kept out of training: the gate measures versions on it, or thresholds are fitted to it.",
    "users contradict each other": "The users of the site do not agree on what the field asks for.",
    "users who contradict what is known": "Its users contradict so much of what is known that nothing is learned from them.",
    "unknown id": "The id is not in the canonical data.",
    "the field's type does not admit the id": "A field of this type can't ask for that (a checkbox for a name, for example).",
    "no vote left": "The vote about it was replaced, erased, or beyond a limit.",
    "more forms than a training may have": "A training has a limited number of forms; every site comes with one before any comes with two.",
    "no usable description": "The field's description can't be read.",
}
"""Why judged fields were not trained on, by the reason under which they are counted."""

METHODS: dict[Method, str] = {
    "remembered": "what this user said before",
    "override": "an admin's decision",
    "site": "what the users of the site agree on",
    "autocomplete": "the page's own autocomplete attribute",
    "lexical-exact": "a known text",
    "lexical-fuzzy": "a text that differs from a known one in a few letters",
    "semantic": "the nearest known meaning",
    "ranker": "the trained network, over all fields of the form",
    "type": "the field's type (a password, for example)",
    "none": "no step found any evidence",
}
"""How a field was decided, by `method` on the wire."""

SHARES = {
    "accuracy": ("Accuracy", "of all fields, decided correctly (leaving a field empty can be correct, too)", True),
    "recall": ("Coverage", "of the fields that ask for something known, filled in correctly (recall)", True),
    "precision": ("Precision", "of the fields filled in, filled in correctly", True),
    "false_fill": ("False fills", "of the fields that should stay empty, filled in all the same", False),
}
"""The figures of a version: name, explanation, and whether more is better."""

CHANGES = {
    "fill → other id": "filled with something else",
    "fill → nothing": "left empty, where the live version fills",
    "nothing → fill": "filled, where the live version leaves empty",
}
"""What the candidate in shadow does otherwise, by `Change`."""


def outcome(content: ReportContent, mode: str) -> tuple[str, str]:
    """The verdict as a kind (`passed`, `failed`, `neutral`) and a heading."""
    if mode == Mode.SMOKE_TEST:
        return "neutral", "Smoke test: never promoted"
    return ("passed", "Good enough for production") if content.verdict.promote else ("failed", "Not good enough for production")


def why(content: ReportContent, mode: str) -> tuple[str, ...]:
    """The reasons of the verdict, in sentences: the failed checks alone, or all that speaks for the version."""
    if mode == Mode.SMOKE_TEST:
        return ("A smoke test tries every step on a small part of the data. Its figures mean nothing.",)
    failed = {check.name for check in content.checks if not check.passed}
    reasons = dict(_reasons(content.metrics, content.parameters.get("min_accuracy")))
    if failed:
        return tuple(reasons[check.name] for check in content.checks if check.name in failed)
    return (*(reasons[check.name] for check in content.checks if check.name in reasons), *_gains(content))


def _reasons(metrics: Metrics, min_accuracy: object) -> Iterator[tuple[str, str]]:
    """A sentence for each check, by its name. A check that had nothing to compare has none."""
    overall = metrics.candidate.overall
    required = f"; at least {percent(min_accuracy)} are required" if isinstance(min_accuracy, float) else ""
    fields = f"{overall.fields:,} fields at sites that it was not trained on"
    yield "accuracy", f"Of {fields}, it decides {percent(overall.accuracy)} correctly{required}."
    champion = metrics.champion
    if champion is not None:
        yield "champion", _against_production(metrics.evaluation, metrics.differences.get("accuracy"), metrics.stricter)
        now, before = metrics.candidate.overall.precision, champion.overall.precision
        counts = f"{metrics.evaluation.wrong_fills:,} wrong fills, {metrics.evaluation.champion_wrong_fills or 0:,} in production"
        yield "precision", f"Of what it fills in, {percent(now)} is right; of what production fills in, {percent(before)} ({counts})."
    elif metrics.champion_problem:
        yield "champion", f"It could not be compared with the version in production, which can't be measured: {metrics.champion_problem}."
    if metrics.ancestor is not None:
        best = metrics.ancestor
        earlier = f"the best of {best.of} earlier versions" if best.of > 1 else "an earlier version"
        yield "earlier versions", f"Against {earlier}, {best.version}, {_won_and_lost(best.compared)}."
    guard = metrics.guard
    if guard.fields and guard.champion_right is not None:
        lost = "none that production has right is lost"
        if guard.lost:
            first = next(iter(guard.flipped), None)
            example = f", first “{first.label}” of {first.form}: now {first.after}, right is {first.truth}" if first is not None else ""
            lost = f"{guard.lost:,} {'is' if guard.lost == 1 else 'are'} lost{example}"
        yield "guard set", f"Of the {guard.fields:,} fields that no person would mistake (the guard set), {lost}."
    votes = metrics.held_out_votes
    if votes.fields and votes.champion_right is not None:
        own = f"Of {votes.fields:,} fields that users agree on at sites kept out of training, it has {votes.right:,} right by itself"
        yield "held-out votes", f"{own}; production has {votes.champion_right:,}."


def _against_production(compared: Comparison, difference: Difference | None, stricter: str | None) -> str:
    if not compared.won and not compared.lost:
        return "It decides the same fields correctly as production does."
    flips = _won_and_lost(compared)
    if stricter and compared.held_back:
        flips += f", {compared.held_back:,} of these only held back, which does not count as a loss because {stricter}"
    if difference is None:
        return f"Against production, {flips}."
    range_ = f"95% interval {points(difference.low)} to {points(difference.high)} points"
    if difference.value > 0 and difference.is_clear:
        return f"It is better than production by {points(difference.value, signed=False)} points of accuracy ({range_}): {flips}."
    if difference.value < 0 and difference.is_clear:
        return f"It is worse than production by {points(-difference.value, signed=False)} points of accuracy ({range_}): {flips}."
    return f"It is as good as production, within what chance explains ({points(difference.value)} points, {range_}): {flips}."


def _won_and_lost(compared: Comparison) -> str:
    return f"{_fields(compared.won)} won and {compared.lost:,} lost"


def _fields(count: int) -> str:
    return f"{count:,} field is" if count == 1 else f"{count:,} fields are"


def _gains(content: ReportContent) -> Iterator[str]:
    """What the version has learned, in short."""
    new = sum(answer.change == "new" for answer in content.learned.answers)
    if new:
        yield f"It knows {new:,} more {'field' if new == 1 else 'fields'} of sites, because enough of their users agree."
    if content.learned.texts:
        yield f"It knows {len(content.learned.texts):,} texts that many sites use and their users agree on."
    learning = content.learning
    if learning is not None and learning.fields and not content.is_ranker_reused:
        yield f"Its network was trained on {learning.fields:,} fields that {learning.users:,} users judged, at {learning.sites:,} sites."
    if content.fine_tuning is not None and content.fine_tuning.kept and content.fine_tuning.pairs:  # none: carried on from the parent
        yield f"Its encoder was fine-tuned on {content.fine_tuning.pairs:,} pairs."


def points(share: float, signed: bool = True) -> str:
    """A difference of shares in percentage points: `+0.6`."""
    text = f"{100 * share:+.1f}" if signed else f"{100 * share:.1f}"
    return "0.0" if float(text) == 0 else text.replace("-", "−")
