"""Boxes for a part of an address or a name that no profile has, taken for a part that it has."""

from collections.abc import Iterable

from fieldwise_inference.classify.text import normalise

_HOUSE_NUMBER_TEXTS = (
    *("House number", "House no.", "House #", "House number or name", "House no. / name", "House name or number", "Number", "No."),
    *(
        "Street number",
        "Street no.",
        "Building number",
        "Building no.",
        "Hausnummer",
        "Haus-Nr.",
        "Hausnr.",
        "Haus Nummer",
        "Nr.",
        "Nummer",
    ),
    *("Huisnummer", "Huisnr.", "Huis nr.", "Huisnummer en toevoeging", "Husnummer", "Husnr.", "Gatunummer", "Talonumero"),
    *("Número", "Núm.", "Número exterior", "Núm. ext.", "No. ext.", "N° exterior", "Altura", "Número da casa", "Número de casa"),
    *("Número da porta", "Nº", "N°", "N.", "Numero civico", "N. civico", "N° civico", "N° civ.", "Civico", "Numéro", "Numéro de rue"),
    *("Numéro de voie", "N° de voie", "N° de la voie", "N° de rue", "Nr domu", "Numer domu", "Nr budynku", "Numer budynku"),
    *("Číslo domu", "Číslo popisné", "Házszám", "Număr", "№ дома", "Номер дома", "дом", "№", "Номер будинку", "будинок", "Αριθμός"),
    *("Kapı no", "Dış kapı no", "Bina no", "Bina / Kapı no", "מספר בית", "رقم المنزل", "رقم المبنى", "मकान नंबर", "Nomor rumah", "Số nhà"),
    *("番地", "丁目・番地", "門牌號", "门牌号", "번지", "건물번호"),
)
_HOUSE_NUMBERS = frozenset(map(normalise, _HOUSE_NUMBER_TEXTS))
_PARTICLE_WORDS = frozenset("tussenvoegsel tussenvoegsels tussenv tussenvgsl voorvoegsel voorvoegsels namenszusatz vorsatzwort".split())


def is_house_number(texts: Iterable[str]) -> bool:
    """Whether one of a field's texts asks for the house number alone."""
    return any(normalise(text) in _HOUSE_NUMBERS for text in texts)


def is_name_particle(texts: Iterable[str]) -> bool:
    """Whether one of a field's texts asks for what stands before a family name: `van der`."""
    return any(not _PARTICLE_WORDS.isdisjoint(normalise(text).split()) for text in texts)
