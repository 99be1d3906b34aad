"""Where a form is from: the country whose addresses and names it asks for, and the language it is written in.

Both are read once per form. They tell what its words mean ("District" is a level of its own in Thailand, and part of a city in Hong
Kong), which part of a name comes first, and how filling writes a value. The page's domain and language, dial codes and lists of
regions vote for a country; so does the language, for the home of most of its speakers. Unless the page names it, the language is
recognised by letters and words that forms in other languages do not have.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile
from urllib.parse import urlsplit

from fieldwise_common.countries import country_code
from fieldwise_inference.classify.field_view import FieldView
from fieldwise_inference.classify.option_kinds import countries_by_dial_code, dial_code, home_of, option_kind

COUNTRIES = tuple(
    "AE AR AT AU BE BG BR CA CH CL CN CO CZ DE DK EE EG ES FI FR GB GR HK HR HU ID IE IL IN IR IT JP KR LT LV MX MY NG NL NO NZ PE PH PK"
    " PL PT RO RS RU SA SE SG SI SK TH TR TW UA US VN ZA".split()
)
LANGUAGES = tuple(
    "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv ta th tl tr uk ur"
    " vi zh".split()
)
PLACES = ("", *COUNTRIES, *LANGUAGES)
"""What the ranker sees of it: the country, or else the language, by number. The order is part of the features."""

_NUMBERS = {place: number for number, place in enumerate(PLACES)}

SPREAD = frozenset("ar de en es fr ms nl pt ru ta zh".split())
"""Languages of several countries: they stand for none of them."""
GENERIC_DOMAINS = frozenset("ag ai am bz cc cd co dj fm gg im io la ly me ms nu pw sc sh so st tk to tv vc ws".split())
"""Domains of countries that sites of all countries use."""

TLD, REGIONS, TAG, DIAL_CODE = 3, 3, 3, 2
"""How many votes each of these has; the home of the form's language has one."""

_SCRIPTS = {"ja": "ぁ-ヿ", "ko": "가-힣", "th": "ก-๛", "he": "א-ת", "el": "Ͱ-Ͽ", "bn": "ঀ-৿", "ta": "஀-௿", "hi": "ऀ-ॿ", "zh": "一-鿿"}
"""Languages by the range of their script, the surest first: a form in Japanese has Chinese characters too."""
_LETTERS = {
    **{"ur": "ٹڈڑںےھ", "fa": "پچژگ", "ar": "ابتدرسعلمنهوي", "uk": "іїєґ", "sr": "ђјљњћџ", "ru": "ыэё", "bg": "ъ"},
    **{
        "vi": "ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
        "hu": "őű",
        "tr": "ığ",
        "ro": "șțţă",
        "pl": "łżśęń",
        "cs": "ěůř",
        "sk": "ľĺŕ",
    },
    **{"lv": "āēīņķļģ", "lt": "ėįųū", "de": "ß", "es": "ñ¿¡", "pt": "ã"},
}
"""Languages by letters that tell them, the surest first."""
_LETTER_SETS = {language: frozenset(letters) for language, letters in _LETTERS.items()}
_OTHER_LETTERS = frozenset("əғқңөұүһѓќѕўþðħċġŵŷĉĝĥĵŝŭڕڵێۆەټډړږښڼۋۈװױײ\u05bf")
"""Letters of languages that are none of `LANGUAGES`, though they share others with one: Azerbaijani with Turkish, Macedonian with Serbian,
Kazakh with Russian and Ukrainian, Maltese with Polish, Kurdish and Pashto with Persian and Urdu, Yiddish with Hebrew. Such a form is not
read as one of the language that it is written like, nor taken for one of its country."""

_WORDS = {
    "bg": "име фамилия имейл телефон адрес град",
    "ca": "cognoms adreca poblacio",
    "cs": "jmeno prijmeni ulice mesto psc",
    "da": "fornavn efternavn adgangskode adresse by",
    "de": "vorname nachname strasse ort plz und anrede",
    "en": "first last name address city zip your the of and phone number postcode",
    "es": "nombre apellido apellidos direccion ciudad correo codigo telefono",
    "et": "eesnimi perekonnanimi aadress linn",
    "fi": "etunimi sukunimi osoite postinumero kaupunki puhelin",
    "fr": "nom prenom adresse ville votre courriel rue telephone",
    "hr": "ime prezime adresa grad ulica lozinka",
    "hu": "nev keresztnev vezeteknev iranyitoszam varos",
    "id": "nama alamat kota kode provinsi telepon depan",
    "it": "nome cognome indirizzo citta cap provincia telefono",
    "lt": "vardas pavarde adresas miestas",
    "lv": "vards uzvards adrese pilseta",
    "ms": "nama poskod bandar negeri alamat",
    "nl": "voornaam achternaam straat postcode woonplaats huisnummer wachtwoord",
    "no": "fornavn etternavn poststed passord adresse",
    "pl": "imie nazwisko ulica miasto haslo kod",
    "pt": "nome sobrenome apelido endereco cidade cep morada senha",
    "ro": "nume prenume adresa judet localitate parola",
    "ru": "имя фамилия телефон адрес город",
    "sk": "meno priezvisko ulica mesto heslo",
    "sl": "ime priimek naslov posta kraj",
    "sr": "име презиме адреса град",
    "sv": "fornamn efternamn postnummer adress losenord mobilnummer",
    "tl": "pangalan apelyido tirahan",
    "tr": "ad soyad adres sehir il ilce",
    "uk": "прізвище телефон місто пошта",
    "vi": "ho ten dia chi thanh pho",
}
"""Words that forms use, normalised. One that several languages share counts for each."""
MIN_WORDS = 2
"""How many different words of a language a form must have."""
FOREIGN = 2
"""Each text with another language's letters is outweighed by more than this many words: an English form may ask for a name in Chinese."""


@dataclass(frozen=True, slots=True)
class FormPlace:
    """country: ISO 3166 alpha-2 code, language: ISO 639 code; "" if unknown, or if several are equally likely."""

    country: str = ""
    language: str = ""

    @property
    def number(self) -> int:
        """Its place in `PLACES`: that of the country, or else of the language; 0 for neither."""
        return _NUMBERS.get(self.country) or _NUMBERS.get(self.language, 0)

    @property
    def tag(self) -> str:
        """As a language tag (BCP 47): `de-AT`; "" without a language."""
        return "-".join(filter(None, (self.language, self.country))) if self.language else ""

    def tag_of(self, own: str) -> str:
        """The tag of a field with this one on its page, or its form's. A country is left out that the form is not from.

        Pages everywhere keep the `en-US` of the program that made them.
        """
        is_from_there = _region(own) in {"", self.country}
        return (own if is_from_there else _language_of(own)) or self.tag


def form_place(views: Sequence[FieldView], origin: str = "") -> FormPlace:
    """Where the form with these fields is from. `origin`: of its page; "" if unknown."""
    language = _language(views)
    votes: Counter[str] = Counter()
    for country, weight in _votes(views, origin):
        votes[country] += weight
    if home := home_of(language) if language not in SPREAD else None:
        votes[home] += 1
    best = [country for country, count in votes.items() if count == max(votes.values())]
    return FormPlace(best[0] if len(best) == 1 else "", language)


def _votes(views: Sequence[FieldView], origin: str) -> Iterator[tuple[str, int]]:
    _, dot, domain = (urlsplit(origin).hostname or "").rstrip(".").rpartition(".")
    if dot and domain not in GENERIC_DOMAINS and (country := _country(domain)):
        yield country, TLD
    tags = {view.field.lang for view in views if view.field.lang}
    for country in {region for tag in tags if (region := _region(tag))}:
        yield country, TAG
    codes = {code for view in views for text in (view.field.label, view.field.placeholder) if (code := dial_code(text))}
    for code in codes if len(codes) == 1 else ():
        if country := _country(countries_by_dial_code()[code][0]):  # 800 is of no country
            yield country, DIAL_CODE
    for country in {found for view in views if view.field.options and (found := option_kind(view.field.options).country)}:
        yield country, REGIONS


def _country(code: str) -> str:
    """The country of a domain or of a tag's region: GB of `uk`; "" for one that ISO 3166 does not have, such as `EU` and `419`."""
    return (country_code(code) or "") if len(code) == 2 else ""


@lru_cache(maxsize=256)
def _region(tag: str) -> str:
    """`AT` of `de-AT`, of `de_AT.UTF-8`, and of `de-AT-u-co-phonebk`, whose `co` is no region: extensions begin with a single letter."""
    parts = takewhile(lambda part: len(part) > 1, re.split(r"[-_.@]", tag)[1:])
    return next((country for part in parts if (country := _country(part))), "")


@lru_cache(maxsize=256)
def _language_of(tag: str) -> str:
    """`de` of `de-AT`; "" for a text that is the tag of no language, such as a template's leftovers."""
    language = re.split(r"[-_.@]", tag)[0].lower()
    return language if language in LANGUAGES or home_of(language) is not None else ""


def _language(views: Sequence[FieldView]) -> str:
    """The language of the page if the client knows it, or else of the texts that people read."""
    tagged = Counter(language for view in views if view.field.lang and (language := _language_of(view.field.lang)))
    if tagged:
        return tagged.most_common(1)[0][0]
    texts = (text for view in views for text in (view.text, view.field.placeholder, view.field.section))
    read = {text.lower() for text in texts if not text.isascii()}
    foreign = [letters for text in read if (letters := {letter for letter in text if letter > "\x7f"})]
    letters = set[str]().union(*foreign)
    if letters & _OTHER_LETTERS:
        return ""
    by_letters = _by_letters(letters)
    by_words, count = _by_words(views)
    if not by_letters or (by_words and count > FOREIGN * sum(_by_letters(letters) == by_letters for letters in foreign)):
        return by_words
    return by_letters


def _by_letters(foreign: Set[str]) -> str:
    of_scripts = (language for language, span in _SCRIPTS.items() if any(span[0] <= letter <= span[-1] for letter in foreign))
    return next(of_scripts, "") or next((language for language, own in _LETTER_SETS.items() if foreign & own), "")


def _by_words(views: Sequence[FieldView]) -> tuple[str, int]:
    """The language that most words are of, and how many; "" if they are too few, or as many are of another."""
    keys = {key for view in views for key in (view.label, view.placeholder, view.section)}
    known = _languages_of_words()
    words = known.keys() & " ".join(keys).split()
    best = Counter(language for word in words for language in known[word]).most_common(2)
    is_clear = bool(best) and best[0][1] >= MIN_WORDS and (len(best) == 1 or best[1][1] < best[0][1])
    return best[0] if is_clear else ("", 0)


@cache
def _languages_of_words() -> Mapping[str, Sequence[str]]:
    languages: dict[str, list[str]] = {}
    for language, words in _WORDS.items():
        for word in words.split():
            languages.setdefault(word, []).append(language)
    return languages
