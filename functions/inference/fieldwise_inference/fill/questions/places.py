"""The countries that a page's text names, to tell a question about another country's law."""

import re
from functools import lru_cache

from fieldwise_common.countries import country_code
from fieldwise_inference.classify.text import normalise

EUROPEAN = "EU"
"""Stands for all of the European Union."""
LONGEST_NAME = 4
"""Words of a country's name."""
SHORTEST_NAME = 4
"""Letters; shorter words are read as a country only if they are one of `_CODES`."""

_CODES = {"US": "US", "USA": "US", "UK": "GB", "UAE": "AE", "EU": EUROPEAN, "EEA": EUROPEAN}
_STEMS = {
    "CA": "canad|канад|カナダ|加拿大|캐나다",
    "GB": "britain|british|england|scotland|united kingdom|vereinigtes konigreich|royaume uni|reino unido"
    "|regno unito|великобритани|イギリス|英国|영국",
    "US": "united states|u s a?(?!\\w)|america\\b|american\\b|estados unidos|etats unis|stati uniti"
    "|verenigde staten|vereinigten? staaten|сша|アメリカ|米国|美国|미국",
    "DE": "german|deutsch|allemagne|alemani?a|alemanha|germania|niemc|niemiec|германи|ドイツ|德国|독일",
    "AT": "austria|osterreich|autriche",
    "CH": "switzerland|swiss|schweiz|suisse|suiza|svizzera|szwajcar",
    "FR": "france|french|frankreich|francia|franca\\b|francj|франци|フランス|法国|프랑스",
    "ES": "spain|spanish|spanien|espagne|espana|espanha|spagna|hiszpani|испани",
    "IT": "italy|italian|italien|italie|italia|wlosz|wloch|итали",
    "NL": "netherlands|dutch|nederland|niederland|pays bas|paises bajos|paesi bassi|holandi|нидерланд",
    "PL": "poland|polish\\b|polen|pologne|polonia|polsk|polsce|польш",
    "IE": "ireland|irish",
    "PT": "portugal",
    "BE": "belgi",
    "SE": "sweden|swedish|schweden|sverige",
    "NO": "norway|norwegian|norwegen|norge",
    "DK": "denmark|danish|danmark|danemark",
    "AU": "australia",
    "NZ": "new zealand",
    "IN": "india\\b|indian\\b|भारत",
    "BR": "brazil|brasil",
    "MX": "mexico",
    "JP": "japan|japon|日本|япони|일본",
    "CN": "china\\b|chinese|中国|中國|китай|중국",
    "KR": "korea|韓国|한국|корея",
    "SG": "singapore|singapur|新加坡",
    "RU": "russia|россии|российск",
    "TR": "turkey|turkiye",
    EUROPEAN: "european union|europaische union|europaischen union|union europeenne|union europea|uniao europeia|unione europea"
    "|schengen|европейск",
}
_NAMED = {
    code: re.compile("|".join(rf"\b{stem}" if stem[0].isascii() or "а" <= stem[0] <= "я" else stem for stem in stems.split("|")))
    for code, stems in _STEMS.items()
}
"""Scripts without spaces have no word boundaries."""
_NEW = re.compile(r"\bnew (?:mexico|england|jersey)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MEMBERS = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())


@lru_cache(maxsize=4096)
def named_countries(text: str) -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes of the countries that a text names, in any form of the commonest names; members stand for the Union."""
    plain = text.replace("U.S.A.", "USA").replace("U.S.", "US").replace("U.K.", "UK")
    plain = _NEW.sub(" ", plain)
    words = _WORD.findall(plain)
    found = {_CODES[part] for word in words for part in word.split("-") if part in _CODES}
    lowered = normalise(plain)
    found |= {code for code, pattern in _NAMED.items() if pattern.search(lowered)}
    for length in range(1, LONGEST_NAME + 1):
        for start in range(len(words) - length + 1):
            phrase = words[start : start + length]
            name = " ".join(phrase)
            if len(name) >= SHORTEST_NAME and phrase[0][:1].isupper() and (code := country_code(name)):
                found.add(code)
    return frozenset(found)


def is_home(home: str, countries: frozenset[str]) -> bool:
    """Whether all the countries named are the home country, or the Union that it is a member of."""
    return all(code == home or (code == EUROPEAN and home in _MEMBERS) for code in countries)
