"""What streets are read by: the orders of countries, and the words and signs for numbers, flats, floors and buildings."""

import re

NUMBER_FIRST = frozenset("US CA GB IE AU NZ ZA FR LU MC SG MY PH IN PK LK NG KE GH EG MA TN DZ TH VN".split())
"""Countries by ISO 3166-1 alpha-2 code; in those of neither set, only the words of the other parts are read."""
NUMBER_LAST = frozenset(
    "DE AT CH LI NL BE DK SE NO FI IS EE LV LT PL CZ SK HU SI HR RS BA ME MK BG RO GR CY RU UA BY KZ TR"
    " IT SM ES AD PT BR AR CL UY PY PE BO EC VE CO MX CR PA GT DO ID IL".split()
)
MAX_LENGTH = 250
"""Characters; no street is longer, and the time to read one grows with its length."""
COMMA_BEFORE_NUMBER = frozenset({"BR", "RU", "UA", "BY", "KZ"})
UNIT_AFTER_SLASH = frozenset({"AT", "PL", "TR"})
UNIT_BEFORE_SLASH = frozenset({"AU", "NZ"})
HASH_IS_UNIT = frozenset({"US", "CA", "SG"})
EAST_ASIAN = frozenset({"JP", "KR", "CN", "TW"})

_NUMBER = r"\d{1,6}(?:\s?[-–]\s?\d{1,6})?(?:\s1/2|\s?½)?(?:\s?(?:bis|ter|quater)\b)?[a-z]?"
_NAME = r"((?:\d{1,3}(?:st|nd|rd|th)\b|\D).*)"
FIRST = re.compile(rf"(?:no\.?\s?)?({_NUMBER}),?\s+{_NAME}", re.IGNORECASE)
FIRST_WITH_SLASH = re.compile(rf"({_NUMBER}(?:/\d{{1,4}}[a-z]?)?),?\s+{_NAME}", re.IGNORECASE)
UNIT_FIRST = re.compile(rf"(\d{{1,5}}[a-z]?)\s?/\s?({_NUMBER})\s+(\D.*)", re.IGNORECASE)
FRENCH_LETTER = re.compile(
    r"(\d{1,4}\s[a-d])\s+((?:rue|avenue|av|boulevard|bd|place|chemin|impasse|allée|quai|route|cours)\b.*)", re.IGNORECASE
)
_NUMBER_WORD = r"(?:n[oº°.]|nro|nr|núm|num|numero|número|numéro|№|no|д|дом|буд|будинок|#|č\.?\s?p)"
_LAST_NUMBER = r"\d{1,5}[a-z]?(?:\s?[-–/]\s?\d{1,5}[a-z]?){0,2}(?:\s?/?\s?[a-zа-яα-ω])?"
LAST = re.compile(rf"(.*?\D)[\s,]\s*({_LAST_NUMBER})\.?", re.IGNORECASE)
LAST_WORD = re.compile(rf"(.*?\w\.?)[\s,]\s*{_NUMBER_WORD}\s?[.:]*\s*({_LAST_NUMBER})\.?", re.IGNORECASE)
ONLY_NUMBER = re.compile(rf"(?:{_NUMBER_WORD}\s?[.:]*\s*)?({_LAST_NUMBER}|{_NUMBER})\.?", re.IGNORECASE)
ENDS_IN_NUMBER = re.compile(r"\d\.$")
"""A name before a second number (`Fő utca 5. 2/3`): either may be the house's."""
FINNISH = re.compile(r"(.*?\D)\s(\d{1,4})\s([a-z]\s?\d{1,4})()", re.IGNORECASE)
DUTCH = re.compile(r"(.*?\D)\s(\d{1,5})(?:[\s-]{0,3}(hs|bis|i{1,3}|iv|[a-z]\d{0,3})|\s?-\s?(\d{1,4}))", re.IGNORECASE)

VALUE = r"(\d{1,5}[a-zа-я]{0,2}(?:[-/][0-9a-z]{1,4})?|[a-zа-я]{1,2}(?:[- ]?\d{1,5})?)"
OF = r"(?:\.|\b)\s?:?\s*(?:n[oº°]\.?|nr\.?|№|#|number)?\s*"
UNIT_WORDS = (
    "apartment|apt|suite|ste|unit|flat|room|rm|wohnung|whg|tür|top|mieszkanie|lokal|lok|квартира|кв|офис|оф|помещение|пом|daire|iç kapı"
    "|interno|interior|int|apto|apartamento|departamento|depto|dpto|puerta|pta|porte|appartement|appt|app|bus|bte|boîte|boite|lgh|byt"
    "|sala|casa|דירה|unité|bureau"
)
UNIT_WORDS_OF = {"PL": "|m", "TR": "|d"}
FLOOR_WORDS = (
    "floor|fl|level|stockwerk|stock|etage|étage|piso|planta|andar|piano|kat|этаж|эт|piętro|verdieping|lantai|kerros|όροφος|poschodí|patro"
)
ORDINAL = r"(?:st|nd|rd|th|er|ère|ème|eme|e|º|°|ª|do|to|o|a|\.º|\.)?"
FLOOR_WORDS_OF = {"TR": "|k"}
FLOOR_AND_DOOR = re.compile(r"(\d{1,2})\s?\.?[º°]\s?[-,]?\s?([a-z]{1,4}|\d{1,2})\.?ª?", re.IGNORECASE)
DANISH_DOOR = re.compile(r"(\d{1,2}|st|kl)\.?\s(tv|th|mf)\.?", re.IGNORECASE)
_BUILDING_WORDS = (
    "building|bldg|block|blk|tower|wing|bâtiment|batiment|bât|résidence|residence|immeuble|edificio|edifício|edif|bloque|torre|bloco"
    "|корпус|корп|строение|стр|palazzina|gebäude|gebouw|budynek|blok"
)
BUILDING = re.compile(rf"(?:{_BUILDING_WORDS}){OF}(\d{{1,4}}[a-zа-я]?|[a-zа-я]\d{{0,3}})", re.IGNORECASE)
NAMED_BUILDING = re.compile(
    rf"(?:{_BUILDING_WORDS})(?:\.|\b)\s+\D{{3,}}|\D{{3,}}\s(?:house|building|tower|towers|mansions|apartments|residences|lodge)",
    re.IGNORECASE,
)
NO_STREET = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|postfach|postbus|boîte postale|apartado|casilla|caixa postal|box|locked bag|c/o|rr|lieu-dit"
    r"|km|lote|lot|sector|manzana|mz|quadra|qd|sq[ns]|cl[ns]|shi[ns]|strada (?:statale|provinciale|regionale))\b"
    r"|\b(?:no|nr|nº|n°|№|д)\s?[.:]*\s?\d.*\s",
    re.IGNORECASE,
)
STREET_WORDS = frozenset(
    "calle c/ c av av. avda avenida avenue ave carrera cra diagonal rua r r. via viale strada str str. straße strasse weg platz"
    " street st road rd rue ulica ul ul. al al. os os. улица ул ул. проспект пр. вул вул. sokak sk cadde cd jalan jl jl."
    " straat gata gatan vej utca plaza praça piazza"
    " travessa camino paseo ctra carretera highway hwy route".split()
)
MAHALLE = re.compile(r".*\b(?:mah|mahallesi)\b\.?,?\s+", re.IGNORECASE)

JAPANESE_NUMBER = re.compile(r"(\D*?)(\d+(?:丁目\d+番(?:地)?(?:\d+号?)?|番(?:地)?(?:\d+号?)?|(?:[-‐−－ー]\d+){1,3}))(?:号)?(?:\s+(.*))?")
JAPANESE_ROOM = re.compile(r"(.*?)\s*(\d{1,4}|[A-Z]-?\d{0,4})(?:号室|号)")
JAPANESE_FLOOR = re.compile(r"(.*?)\s*(\d{1,3})(?:階|F)")
KOREAN = re.compile(r"(?:.*?\s)??(\S+로(?:\s?\d+번?길)?|\S+길)\s(\d+(?:-\d+)?)")
CHINESE = re.compile(
    r"(?:.*[省市区區县縣])?(.*(?:路|街|大道|巷|弄|道|段|胡同))(\d+(?:[-之]\d+)?)[号號]"
    r"(?:院?(\d+)(?:[号號](?:楼|樓)|[号號]?[栋棟幢])(?=\S))?(?:(\d+)[楼樓层層])?(?:[-之]?(\d+)(?:室|号房)?)?"
)
