"""A decision explained in plain English, for people who don't know the code."""

from collections.abc import Iterator, Mapping

from fieldwise_common.canonical import NEGATIVE_PREFIX, is_negative, is_secret
from fieldwise_common.wire_explain import Change, ViewEffect
from fieldwise_inference.classify.entries import UNCLEAR
from fieldwise_inference.classify.ranker.decide import BELIEVED_FROM, DOUBTS, OWNED_BY_OTHERS
from fieldwise_inference.classify.ruling import Ruling
from fieldwise_inference.classify.why.asked_field import AskedField
from fieldwise_inference.classify.why.first_sentence import decided, likeliest_of
from fieldwise_inference.classify.why.reasons import Reasons
from fieldwise_inference.classify.why.wording import compared, listed, meaning, named, owner_of, quoted, two

LABELS: Mapping[str, str] = {"aria-label": "ARIA label", "nearby": "text beside it", "title": "title"}
"""What a field's label is called, by the attribute that it comes from."""
VIEWS: Mapping[str, str] = {
    "options": "options",
    "country": "country or language of the form",
    "section": "heading",
    "near": "text beside it",
    "form_name": "name of the form",
    "autocomplete": "autocomplete attribute",
    "length": "maximum length",
    "position": "position",
    "similar": "spelling, a few letters from a text known to mean",
    "nearest": "nearest known text",
    "before": "fields before it",
    "after": "fields after it",
    "rest_of_form": "rest of the form",
}
"""How sentences call views; those that are missing here go by their own names."""
SEVERAL = frozenset({"options", "before", "after"})
"""Views with a plural name."""
BARE = frozenset({"similar", "length"})
"""Views whose text is not a quotation."""
FORM_SIGNALS: Mapping[str, str] = {
    "form:password-pair": "Two password boxes in a row ask for a new password, so it is one.",
    "form:second-line-follows": "A second line of the address follows, so it asks for the first line and not for the whole address.",
    "form:stronger-twin-nearby": "A field nearby asks for the same more certainly, and two of it in one place would contradict each other.",
    UNCLEAR: "It is in a repeated block, and it is not clear which job, school or project of the profile that is.",
}
"""What `conflicts` and `entries` decided, by signal."""
CLEAR = 0.05
"""A smaller difference in probability is not called one."""
VISIBLE = 0.005
"""The smallest difference that two decimals show."""


def sentences(asked: AskedField, found: Reasons) -> tuple[str, ...]:
    """What was decided, then why, what came second, and what would have been enough."""
    ruling = asked.ruling
    said = [
        decided(asked, found),
        *_excluded(asked, found),
        *_about_attribute(ruling),
        *_about_question(asked),
        *_otherwise(ruling, found),
        *_for(asked, found),
        *_against(asked, found),
        *(text for signal, text in FORM_SIGNALS.items() if signal in ruling.signals),
        *_second(asked, found),
        *_needed(asked, found),
    ]
    if ruling.outcome == "accepted" and is_secret(ruling.canonical):
        said.append("Nothing is filled there: passwords, codes and cards are recognised only so that nothing else is filled in.")
    if ruling.entry is not None:
        said.append(f"It is in repeated block {ruling.entry}, and is filled from entry {ruling.entry} of the profile's list.")
    return tuple(said)


def _about_attribute(ruling: Ruling) -> Iterator[str]:
    """Why the page's autocomplete attribute did not decide."""
    attribute = ruling.detail("autocomplete:")
    if not attribute or ruling.method == "autocomplete":
        return
    source, _, other = ruling.detail("contradicted-by:").partition("=")
    says = f"The page's autocomplete attribute says {quoted(attribute)}, but"
    if DOUBTS in ruling.signals:
        yield f"{says} everything else makes that less than {BELIEVED_FROM} probable, so it did not decide."
    elif other:
        yield f"{says} the {source} means {meaning(other)}, so it did not decide alone."
    elif source == "neighbour":
        yield f"{says} it seems to be a neighbouring field's, so it did not decide alone."
    elif source:
        yield f"{says} the field's {source} does not fit, so it did not decide alone."


def _about_question(asked: AskedField) -> Iterator[str]:
    size = len(asked.question.members)
    if size > 1:
        kind = "boxes" if asked.view.kind == "checkbox" else "radios"
        question = f"the question {quoted(asked.view.given_label)}" if asked.view.given_label else "one question"
        yield f"It is one of {size} {kind} that answer {question}, decided together."


def _otherwise(ruling: Ruling, found: Reasons) -> Iterator[str]:
    """What the field would be if people or the attribute had not decided."""
    other = found.otherwise
    if other is None:
        return
    what = "the attribute" if ruling.method == "autocomplete" else "that"
    has, needs = two(other.score), two(other.threshold)
    if not other.canonical:
        yield f"Without {what} nothing would tell what it asks for."
    elif other.outcome == "unsure" and is_negative(other.canonical):
        yield f"Without {what} it would stay empty: nothing would be likely enough."
    elif other.outcome == "unsure":
        yield f"Without {what} it would stay empty: {meaning(other.canonical)} would have {has}, and need {needs}."
    elif (other.outcome, other.canonical) == (ruling.outcome, ruling.canonical):
        yield f"Without {what} it would be the same, with {has}."
    else:
        yield f"Without {what} it would be {meaning(other.canonical)}, with {has}."


def _for(asked: AskedField, found: Reasons) -> Iterator[str]:
    if not found.spoke_for:
        if found.probability and found.excluded is None:
            yield "No single part of the field or the form speaks clearly for that."
        return
    strongest, missed_most = found.spoke_for[0], min(found.spoke_for, key=lambda one: one.without)
    first = missed_most if strongest.without - missed_most.without >= CLEAR else strongest
    answer = asked.ruling.canonical if asked.ruling.method == "autocomplete" else likeliest_of(asked)
    goal = owner_of(found.owner[0]) if found.owner[0] else "leaving it empty" if is_negative(answer) else answer
    has, needs = found.probability, OWNED_BY_OTHERS if found.owner[0] else asked.ruling.threshold
    it, without = _pronoun(first), two(first.without)
    spoke = f"{_capital(_phrase(asked, first))} spoke most for {goal}"
    if has - first.without >= CLEAR:
        yield f"{spoke}: without {it} the probability would be {without} instead of {two(has)}."
    elif min(first.alone, first.without) >= needs:
        they = "they" if it == "them" else it
        yield f"{spoke}: alone {they} would be enough ({two(first.alone)}), and so would all else without {it} ({without})."
    else:
        yield f"{spoke}, as one of several: without {it} the probability would still be {without}."
    missed = [one for one in found.spoke_for if one != first and has - one.without >= VISIBLE]
    if missed:
        told = [_phrase(asked, one, f"{two(one.without)} without {_pronoun(one)}") for one in missed]
        yield f"Next {'come' if len(told) > 1 or _pronoun(missed[0]) == 'them' else 'comes'} {listed(told)}."


def _against(asked: AskedField, found: Reasons) -> Iterator[str]:
    heard = [one for one in found.spoke_against if one.without - found.probability >= VISIBLE]
    if not heard:
        return
    told = []
    for one in heard:
        is_told = is_negative(one.instead) or one.instead in {one.text, *(_known_for(asked, view) for view in one.view.split(", "))}
        towards = f"for {one.instead}; " if one.instead and not is_told else ""
        told.append(_phrase(asked, one, f"{towards}{two(one.without)} without {_pronoun(one)}"))
    yield f"Against it {'speak' if len(told) > 1 or _pronoun(heard[0]) == 'them' else 'speaks'} {listed(told)}."


def _excluded(asked: AskedField, found: Reasons) -> Iterator[str]:
    if found.excluded is not None:
        canonical, probability = found.excluded
        why = (
            "people have rejected that for this field"
            if canonical in asked.rejected
            else f"a field of type {quoted(asked.view.kind)} can't be that"
        )
        yield f"Its texts look more like {meaning(canonical)} ({two(probability)}), but {why}."


def _second(asked: AskedField, found: Reasons) -> Iterator[str]:
    is_told = bool(found.owner[0]) or asked.ruling.method not in {"ranker", "semantic"}
    if found.second is not None and not is_told:
        second = "“none of the user's data”" if is_negative(found.second.canonical) else named(found.second.canonical)
        is_likely = found.second.score >= VISIBLE
        yield f"Second came {second} with {two(found.second.score)}." if is_likely else "No other answer reaches 0.01."
    if found.unknown:
        yield f"{quoted(found.unknown)}, which you asked about, is not an id that this version knows."
    if found.not_weighed:
        yield f"{meaning(found.not_weighed)}, which you asked about, was not weighed: the decision was certain without it."
    if found.requested is not None:
        has, needs = compared(found.requested.score, found.requested.threshold_used)
        yield f"{meaning(found.requested.canonical)}, which you asked about, has a probability of {has} and needs {needs}."


def _needed(asked: AskedField, found: Reasons) -> Iterator[str]:
    needed = found.needed
    if needed is None or (asked.ruling.outcome, asked.ruling.canonical) == ("accepted", needed.canonical):
        return
    if needed.canonical != asked.ruling.canonical and found.requested is None:
        yield f"To be matched to {needed.canonical}, it would need {two(needed.threshold_used)}."
    if needed.changes:
        yield f"It would be matched to {needed.canonical} {listed([_change(asked, one) for one in needed.changes], 'or')}."
    else:
        yield f"No single change that was tried would make it {needed.canonical}; a correction by the user would, for that user."


def _change(asked: AskedField, change: Change) -> str:
    if change.without:
        left_out = ViewEffect(view=change.without, text=change.text, effect=0, without=0, alone=0)
        return f"without {_phrase(asked, left_out, two(change.score))}"
    if change.set == "autocomplete":
        return f'if the page said autocomplete="{change.text}"'
    return f"with the {change.set} {quoted(change.text)} ({two(change.score)})"


def _phrase(asked: AskedField, one: ViewEffect, remark: str = "") -> str:
    """A view as a sentence names it, with a remark: the label “First name” (known to mean given-name; 0.87 without it)."""
    names = one.view.split(", ")
    own = "its" if one.view in {"position", "similar", "type", "length"} else "the"
    known = next((canonical for name in names if (canonical := _known_for(asked, name))), "").removeprefix(NEGATIVE_PREFIX)
    place, quotation = (one.text, "") if one.view == "position" else ("", one.text)
    bare = f" {quotation.removeprefix(NEGATIVE_PREFIX)}"
    text = "" if not quotation else bare if one.view in BARE else f" {quoted(quotation)}"
    remarks = "; ".join(part for part in (place, f"known to mean {known}" if known else "", remark) if part)
    return f"{own} {listed([_name(asked, name) for name in names])}{text}" + (f" ({remarks})" if remarks else "")


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _known_for(asked: AskedField, view: str) -> str:
    """The id that the text of a view is known to mean; "" if it is not known."""
    if view == "nearest":
        return asked.ranked.found.near[0].canonical if asked.ranked is not None and asked.ranked.found.near else ""
    if view == "autocomplete":
        return ""
    return asked.ruling.detail(f"lexical:{view}=")


def _name(asked: AskedField, view: str) -> str:
    if view == "label":
        return "question" if len(asked.question.members) > 1 else LABELS.get(asked.view.text_source, "label")
    return VIEWS.get(view, view.replace("_", " "))


def _pronoun(one: ViewEffect) -> str:
    return "them" if one.view in SEVERAL or ", " in one.view else "it"
