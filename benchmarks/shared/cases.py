"""Cases: small forms on which autofill goes wrong, with every right id and every right value of their fields.

JSON Lines, one form a line (benchmarks/README.md). The values are for `examples/profile.json`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from benchmarks.shared.truth import TruthField, lines
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from fieldwise_common.canonical import NOTHING
from fieldwise_common.errors import DataError
from fieldwise_common.wire import MAX_FIELDS, FieldDescriptor
from fieldwise_training.corpus import Whose


def _as_list(value: object) -> object:
    """One right answer as a list of one."""
    return value if isinstance(value, list) else [value]


Ids = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
Values = Annotated[tuple[str | None, ...], BeforeValidator(_as_list), Field(min_length=1)]


class Case(BaseModel):
    """One form. Its maps are by selector: `truth` has every field, the others those of which they say something."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    case: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    lang: str = Field(min_length=2)
    fields: Annotated[tuple[FieldDescriptor, ...], Field(min_length=1, max_length=MAX_FIELDS)]
    truth: Mapping[str, Ids]
    fills: Mapping[str, Values] = {}
    whose: Mapping[str, Whose] = {}
    nth: Mapping[str, Annotated[int, Field(ge=1)]] = {}
    why: str = ""
    """What goes wrong on it."""

    def fault(self, known: frozenset[str]) -> str:
        """What is wrong with its selectors or ids; "" if nothing is."""
        selectors = [field.selector for field in self.fields]
        repeated = next((selector for selector in selectors if selectors.count(selector) > 1), None)
        if repeated is not None:
            return f"fields: selector {repeated!r} is used twice"
        for name, own in {"truth": self.truth, "fills": self.fills, "whose": self.whose, "nth": self.nth}.items():
            stray = next((selector for selector in own if selector not in selectors), None)
            if stray is not None:
                return f"{name}: there is no field {stray!r}"
        missing = next((selector for selector in selectors if selector not in self.truth), None)
        if missing is not None:
            return f"truth: field {missing!r} is missing"
        unknown = next((one for ids in self.truth.values() for one in ids if one not in known), None)
        return f"truth: unknown id {unknown!r}" if unknown is not None else ""

    def truth_fields(self) -> tuple[TruthField, ...]:
        """Its fields, in page order; the source of each is the kind of the case."""
        return tuple(self._truth_field(field) for field in self.fields)

    def _truth_field(self, field: FieldDescriptor) -> TruthField:
        selector = field.selector
        ids = self.truth[selector]
        return TruthField(
            i=f"{self.case} {selector}",
            site=self.case,
            source=self.kind,
            lang=self.lang,
            truth=ids[0],
            descriptor=field,
            accepted=frozenset(ids),
            values=self.fills.get(selector, ()),
            whose=self.whose.get(selector, ""),
            nth=self.nth.get(selector),
        )


def read_cases(file: Path, known: frozenset[str]) -> Iterator[tuple[TruthField, ...]]:
    """The fields of each case of a file. Raises DataError naming file and line, and what is wrong there."""
    seen: set[str] = set()
    for where, content in lines(file):
        case = _parsed(content, where)
        fault = f"case: {case.case!r} is used twice" if case.case in seen else case.fault(known | {NOTHING})
        if fault:
            raise DataError(f"{where}, {fault}")
        seen.add(case.case)
        yield case.truth_fields()


def _parsed(content: Mapping[str, Any], where: str) -> Case:
    try:
        return Case.model_validate(content)
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        raise DataError(f"{where}, {'.'.join(map(str, fault['loc'])) or 'case'}: {fault['msg']}") from None
