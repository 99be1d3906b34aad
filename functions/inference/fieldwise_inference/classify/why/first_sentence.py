"""The first sentence of an explanation: what was decided, and by what."""

from fieldwise_common.canonical import is_negative
from fieldwise_inference.classify.certain import TRAP
from fieldwise_inference.classify.ranker.decide import DOUBTS
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.why.asked_field import AskedField
from fieldwise_inference.classify.why.reasons import Reasons, pooled_with
from fieldwise_inference.classify.why.wording import compared, listed, meaning, named, owner_of, quoted, two


def decided(asked: AskedField, found: Reasons) -> str:
    """What was decided about a field, and why."""
    ruling = asked.ruling
    if ruling.method == "type":
        return _by_type(asked)
    if ruling.method == "none":
        return "It stays empty: it has no label, placeholder, name or id that tells what it asks for."
    if ruling.canonical == TRAP and ruling.score == 1.0:
        source = "name" if f"lexical:name={TRAP}" in ruling.signals else "text"
        return f"It stays empty: its {source} marks it as a trap for bots, which people leave empty."
    if ruling.method == "autocomplete":
        return _by_attribute(ruling)
    reason = {
        "remembered": "the user said so on this site",
        "override": "an admin decided so for this field of the site",
        "site": _votes(ruling),
    }.get(ruling.method)
    if reason is not None:
        return f"{_outcome(ruling)}: {reason}."
    if ruling.method == "ranker":
        return _by_probability(asked, found)
    return _by_text(asked)


def _by_type(asked: AskedField) -> str:
    signal = asked.ruling.signals[0]
    if signal == "not-visible":
        return "It is ignored: people don't see it, and such a field is never filled."
    if signal == "type:search":
        return "It stays empty: it is a search box, which asks for none of the user's data."
    return f"It is ignored: a field of type {quoted(asked.view.kind)} is never filled."


def _by_attribute(ruling: Ruling) -> str:
    says = f"the page's autocomplete attribute says {quoted(ruling.canonical)}"
    if ruling.outcome == "accepted":
        return f"{_outcome(ruling)}: {says}, and nothing in the field contradicts it."
    if DOUBTS in ruling.signals:
        has, needs = compared(ruling.score, ruling.threshold)
        return f"It stays empty: {says}, but everything known of the field makes that only {has} probable, and {needs} is needed."
    owner, _, certainty = ruling.detail("whose:").partition("@")
    return f"It stays empty: {says}, but {_asks_about(owner, certainty)}."


def _votes(ruling: Ruling) -> str:
    votes = ruling.signals[0].rpartition("@")[2].split(",")
    agree, _, against = votes[0].rstrip("-").partition("+")
    if "trusted" in votes:
        return "an admin said so about this field of the site"
    return f"users of this site agree on it ({agree} for it, {against} against it)"


def _by_probability(asked: AskedField, found: Reasons) -> str:
    ruling, likeliest = asked.ruling, likeliest_of(asked)
    has, needs = compared(ruling.score, ruling.threshold)
    pooled = pooled_with(ruling)
    owner, certainty = found.owner
    if ruling.outcome == "nothing" and owner:
        return f"It stays empty: {_asks_about(owner, two(certainty))}."
    if ruling.outcome == "nothing":
        return f"It stays empty: it asks for none of the user's data, with a probability of {has}; {needs} is enough."
    if ruling.outcome == "accepted" and pooled:
        others = listed(pooled)
        return (
            f"It is matched to {named(ruling.canonical)}: with {others}, which would be right as well, it reaches {has}, and needs {needs}."
        )
    if ruling.outcome == "accepted" and likeliest != ruling.canonical:
        return f"It is matched to {named(ruling.canonical)} in place of {likeliest}, whose probability is {has}; {needs} is needed."
    if ruling.outcome == "accepted":
        return f"It is matched to {named(ruling.canonical)}: its probability is {has}, and {needs} is needed."
    if found.excluded is not None:
        return "It stays empty: what it looks like most is ruled out, and nothing else is likely enough."
    if is_negative(ruling.canonical):
        return f"It stays empty: most likely it asks for none of the user's data ({has}), and no answer is likely enough."
    if ruling.score >= ruling.threshold:
        return f"It stays empty, although {named(ruling.canonical)} has a probability of {has} and needs only {needs}."
    return f"It stays empty: {named(ruling.canonical)} is likeliest with a probability of {has}, but {needs} is needed."


def _by_text(asked: AskedField) -> str:
    """For a version without a ranker."""
    ruling = asked.ruling
    if not ruling.canonical:
        return f"It stays empty: no known text is near its own, {quoted(asked.view.text)}."
    source = (ruling.detail("lexical:") or ruling.detail("fuzzy:")).partition("=")[0]
    texts = {"placeholder": asked.view.field.placeholder, "name": asked.view.field.name or asked.view.field.id}
    text = quoted(texts.get(source, asked.view.text))
    has, needs = compared(ruling.score, ruling.threshold)
    nearest = ruling.detail("nearest:")
    found = {
        "lexical-exact": f"its {source} {text} is known to mean",
        "lexical-fuzzy": f"its {source} {text} differs in a few letters (similarity {has}, {needs} needed) from a text known to mean",
    }.get(ruling.method, f"nearest to its own text {text} is {quoted(nearest)} (cosine {has}, {needs} needed), known to mean")
    if f"rejected:{ruling.canonical}" in ruling.signals:
        return f"It stays empty: {found} {meaning(ruling.canonical)}, but people have rejected that for this field."
    return f"{_outcome(ruling)}: {found} {'that' if ruling.outcome != 'unsure' else meaning(ruling.canonical)}."


def _asks_about(owner: str, certainty: str) -> str:
    return f"it seems to ask about {owner_of(owner)} ({certainty}), and only the user's own, current data is filled"


def _outcome(ruling: Ruling) -> str:
    if ruling.outcome == "accepted":
        return f"It is matched to {named(ruling.canonical)}"
    return "It stays empty" if ruling.outcome == "unsure" else "It stays empty, as it asks for none of the user's data"


def likeliest_of(asked: AskedField) -> str:
    """The ranker's likeliest class; `conflicts` may have decided otherwise."""
    return next(iter(asked.ranked.probabilities)) if asked.ranked is not None else asked.ruling.canonical
