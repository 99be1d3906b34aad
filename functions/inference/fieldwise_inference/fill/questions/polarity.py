"""The true answer to the question that a field asks, which may be the profile's answer or its opposite."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from fieldwise_common.canonical import Answer
from fieldwise_common.wire import FieldSlice, Option
from fieldwise_inference.classify.text import normalise
from fieldwise_inference.fill.choices.words import truth_of, yes_or_no
from fieldwise_inference.fill.field_to_fill import FieldToFill
from fieldwise_inference.fill.options import is_prompt
from fieldwise_inference.fill.questions.claims import is_plain, truth
from fieldwise_inference.fill.questions.fields import is_tick


@dataclass(frozen=True, slots=True)
class Asked:
    """`truth`: the true answer to a yes-or-no question; None if it is not known, or not yes or no. `is_plain`: it is the profile's own."""

    truth: bool | None
    is_plain: bool


def asked(to_fill: FieldToFill) -> Asked:
    """What a field asks by all its texts, which must agree. A question of another kind is always plain."""
    if to_fill.row.answer is not Answer.YES_NO:
        return Asked(None, is_plain=True)
    texts = [text for text in question_texts(to_fill.field) if not is_plain(to_fill.canonical, text, to_fill.profile)]
    if not texts:
        return Asked(truth_of(to_fill.canonical, to_fill.profile), is_plain=True)
    truths = {truth(to_fill.canonical, text, to_fill.profile) for text in texts}
    return Asked(truths.pop() if len(truths) == 1 else None, is_plain=False)


def question_texts(field: FieldSlice) -> list[str]:
    """The texts that ask, rather than answer or prompt; of a radio or box without options its group, because its label is an answer.

    If none asks, the nearest text around the field does.
    """
    texts = (field.group,) if is_tick(field) else (field.label, field.group, field.placeholder)
    asking = [text for text in texts if not _is_no_question(text)]
    around = (text for text in (field.nearby, field.described_by, field.section) if not _is_no_question(text))
    return asking or list(islice(around, 1))


@lru_cache(maxsize=4096)
def _is_no_question(text: str) -> bool:
    """Whether a text only prompts for an answer ("Select…", "Answer") or is one ("Yes")."""
    return yes_or_no(text) is not None or is_prompt(Option(text=text)) or normalise(text) in _PROMPTS


_PROMPTS = frozenset("answer response required antwort reponse respuesta resposta risposta antwoord odpowiedz ответ 回答".split()) | {
    "your answer",
    "your response",
}
