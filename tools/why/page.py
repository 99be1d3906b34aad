"""An explanation as it is printed: the field, the sentences, what each view contributed, the candidates."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from fieldwise_common.decision_log import NOT_LOGGED
from fieldwise_common.wire_explain import ExplainedDecision, Why
from fieldwise_inference.classify.code import code_version
from fieldwise_inference.classify.why.wording import shortened
from tools.why.asked import Asked


def pieces(asked: Asked, explained: ExplainedDecision, version: str) -> Iterator[RenderableType]:
    """What to print, in this order. The field is shown without its selector, and without what the user has chosen."""
    yield described(asked)
    yield f"{explained.decision}: {explained.predicted or 'no id'}, by {explained.method} ({version})" + (
        f"; the truth is {asked.truth}" if asked.truth else ""
    )
    yield from _differences(asked, explained)
    if explained.why is not None:
        yield ""
        yield from (f"- {sentence}" for sentence in explained.why.sentences)
        if explained.why.spoke_for or explained.why.spoke_against:
            yield ""
            yield _views(explained.why)
    if explained.candidates:
        yield _candidates(explained)


def described(asked: Asked) -> str:
    """The field in one line."""
    fields = list({field.selector: field for field in asked.request.fields}.values())
    keys = fields[asked.position].model_dump(exclude_defaults=True, exclude=set(NOT_LOGGED) | {"options"})
    texts = ", ".join(f"{key} “{shortened(str(value))}”" for key, value in keys.items())
    return f"Field {asked.position + 1} of {len(fields)}: {texts or 'without any text'}"


def _differences(asked: Asked, explained: ExplainedDecision) -> Iterator[str]:
    """The logged decision, if the field is decided otherwise now."""
    row = asked.row
    if row is not None and (row.decision, row.predicted) != (explained.decision, explained.predicted):
        code = "the same code" if row.code == code_version() else "other code"
        yield f"It was decided otherwise: {row.decision}, {row.predicted or 'no id'}, by {row.model_version} with {code}."


def _views(why: Why) -> Table:
    table = Table("", "view", "text", title="what spoke for the answer (+) and against it (−), with its probability", title_justify="left")
    for column in ("effect", "without it", "alone"):
        table.add_column(column, justify="right")
    table.add_column("instead")
    for sign, views in (("+", why.spoke_for), ("−", why.spoke_against)):
        for one in views:
            numbers = f"{one.effect:+.2f}", f"{one.without:.2f}", f"{one.alone:.2f}"
            table.add_row(sign, one.view, escape(one.text), *numbers, one.instead)
    return table


def _candidates(explained: ExplainedDecision) -> Table:
    table = Table("candidate", title="the likeliest answers", title_justify="left")
    for column in ("score", "needs"):
        table.add_column(column, justify="right")
    for one in explained.candidates:
        table.add_row(one.canonical, f"{one.score:.2f}", f"{one.threshold_used:.2f}")
    return table
