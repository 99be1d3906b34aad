"""Countries by any of their names and codes, and how each is written into a form."""

from types import SimpleNamespace
from typing import Any

import pycountry

from fieldwise_common.countries import country_code

__all__ = ["alpha_3", "country_code", "country_name"]

KOSOVO = SimpleNamespace(alpha_3="XKX", name="Kosovo")
"""In wide use as `XK`, and not in ISO 3166."""


def _country(code: str) -> Any:
    return pycountry.countries.get(alpha_2=code) or KOSOVO


def country_name(code: str) -> str:
    """The everyday English name of a country by the alpha-2 code that `country_code` returned."""
    country = _country(code)
    return str(getattr(country, "common_name", country.name))


def alpha_3(code: str) -> str:
    """The alpha-3 code of a country by its alpha-2 code."""
    return str(_country(code).alpha_3)
