"""Normalises the texts of fields: one normal form for labels, and one way to split developers' names into words."""

import re
import unicodedata
from functools import lru_cache

from fieldwise_common.wire_types import MAX_TEXT

CACHE_SIZE = 4096
"""Texts and names whose normal form is kept: a decision reads each several times, and pages repeat them."""

CHARACTERS = 4096
"""Characters whose fold is kept."""

_LATIN_FOLDS = str.maketrans({"ı": "i", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "̇": ""})
_MARKS = (
    "required|optional|mandatory|if applicable|pflichtfeld|pflicht|erforderlich|freiwillig|obligatoire|facultatif|optionnel"
    "|obligatorio|requerido|opcional|obrigatório|obbligatorio|facoltativo|opzionale|verplicht|optioneel"
    "|wymagane|opcjonalne|nieobowiązkowe|обязательно|обязательное поле|необязательно|zorunlu|isteğe bağlı"
    "|必須|任意|必填|选填|選填|필수|선택"
    "|wajib|opsional|अनिवार्य|वैकल्पिक|إلزامي|مطلوب|اختياري|اجباری|اختیاری"
    "|povinné|povinný údaj|nepovinné|volitelné|voliteľné|kötelező|nem kötelező|opcionális|obligatoriu|opțional|facultativ"
    "|υποχρεωτικό|προαιρετικό|задължително|по избор|обов'язково|необов'язково|обов'язкове поле"
    "|obavezno|neobavezno|obvezno|neobvezno|opcjonalnie|nebūtina|būtina|neobligāti|obligāti|valikuline|kohustuslik"
    "|obligatorisk|obligatoriskt|valfritt|valfri|påkrævet|valgfrit|valgfri|påkrevd|valgfritt|pakollinen|valinnainen|vapaaehtoinen"
    "|bắt buộc|không bắt buộc|tùy chọn|จำเป็น|ไม่บังคับ|חובה|לא חובה|אופציונלי"
)
_NEGATED_MARKS = (
    "not required|not mandatory|nicht erforderlich|kein pflichtfeld|non obligatoire|no obligatorio|no requerido|não obrigatório"
    "|non obbligatorio|niet verplicht|nie wymagane|ikke påkrævet|ikke påkrevd|ikke obligatorisk|inte obligatoriskt|ej obligatoriskt"
    "|ei pakollinen|не обязательно|не е задължително|zorunlu değil|tidak wajib|ไม่จำเป็น"
)
"""Marks in brackets or alone only: at the end of a text they may be an answer ("Sponsorship not required")."""
_BRACKETED_MARK = re.compile(rf"[(\[（【［<]\s*(?:{_MARKS}|{_NEGATED_MARKS})\s*[)\]）】］>]", re.IGNORECASE)
_MARK_ALONE = re.compile(rf"\W*(?:{_MARKS}|{_NEGATED_MARKS})\W*", re.IGNORECASE)
_EDGE_MARK = re.compile(rf"^(?:{_MARKS})(?=[\s:：*])|(?<=[\s:：*,–-])(?:{_MARKS})\s*$", re.IGNORECASE)

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LETTER_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_SEPARATORS = re.compile(r"[\W_]+")
_GENERATED = re.compile(
    r"^(?:_?ctl\d+|j_idt\d+|j_id\d+|:r[0-9a-z]+:|mui-\d+|input-\d+|\d{4,}"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|(?=[0-9a-f]*\d)[0-9a-f]{8,})$",
    re.IGNORECASE,
)
_FRAMEWORK_WORDS = frozenset(
    "ctl ctl00 idt form frm main content body placeholder contentplaceholder cph dwfrm widget field fields input inp txt tb tbx txtbx"
    " ddl cbo cmb chk cb rdo rb str edit view editview webform wpforms ninja gform mat control usercontrol formusercontrol atg"
    " commerce value values attributes data item el elem element mui id idt0 entry".split()
)
_PLACEHOLDER_WORDS = frozenset("label field input textbox untitled unlabelled unlabeled undefined".split())
"""Words that form builders put where a label is missing."""
_LEFTOVER = re.compile(
    r"\W*(?:(?:v|ng)-[a-z]+|x-(?:bind|data|for|html|if|model|on|show|text)|data-[a-z]+"
    r"|(?i:\[object \w+\]|null|nan|undefined|%[sd])|\+\d{1,4})\W*"
)
"""What is left on a page where a label is missing: a dial code, an attribute (in small letters) or a value of the template."""
_SPACED = re.compile(r"(?<=[\u3041-\u30ff\u4e00-\u9fff]) (?=[\u3041-\u30ff\u4e00-\u9fff])")
"""A space between two Chinese or Japanese characters, which is only for looks: `姓　名`."""
_FILLERS = frozenset({"no", "text", "your"})
_CONTEXT_WORDS = frozenset(
    "billing bill shipping ship delivery deliver customer user client member guest buyer contact account profile person personal"
    " applicant candidate order checkout payment my your new registration register signup login invoice home b s info information"
    " details primary main request model dto entity addr address".split()
)
"""Leading words of a name that qualify it (whose, where) without changing what it asks for; dropped one at a time by `name_keys`."""


class _Folds(dict[int, str]):
    """A table for `str.translate`, of characters by code point, filled as they are met."""

    def __missing__(self, point: int) -> str:
        folded = _folded(chr(point))
        if len(self) < CHARACTERS:
            self[point] = folded
        return folded


_FOLDS = _Folds(_LATIN_FOLDS)


def _folded(char: str) -> str:
    """A Latin letter without its accents; letters, digits and marks of other scripts unchanged; a space for anything else."""
    base = unicodedata.normalize("NFD", char)
    if len(base) > 1 and base[0].isascii():
        return base[0]
    category = unicodedata.category(char)
    if category == "Cf" or "\ufe00" <= char <= "\ufe0f":  # joiners, direction marks, variation selectors: invisible
        return ""
    return char if category[0] in "LNM" else " "


@lru_cache(CACHE_SIZE)
def normalise(text: str) -> str:
    """The lexicon key of a page's text, cached. Never for a user's value (`normal_form`): that must not outlive its request."""
    return normal_form(text)


def normal_form(text: str) -> str:
    """A text in NFKC and case-folded, without Latin accents, "required"/"optional" marks and punctuation."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _EDGE_MARK.sub(" ", _BRACKETED_MARK.sub(" ", plain)).casefold().translate(_FOLDS)
    return _SPACED.sub("", " ".join(plain.split()))


@lru_cache(CACHE_SIZE)
def is_no_label(text: str, is_answer: bool = False) -> bool:
    """Whether a text stands where a label is missing: `*`, `+40`, `v-if`, `Required`, `no label`, `field 3`, `untitled`.

    `is_answer`: the label of a radio or a box, which may well answer `+1` or `Optional`.
    """
    key = normalise(text)
    if not key or (not is_answer and (_LEFTOVER.fullmatch(text) or _MARK_ALONE.fullmatch(text))):
        return True
    words = [word for word in key.split() if not word.isdigit()]
    return any(word in _PLACEHOLDER_WORDS for word in words) and all(word in _PLACEHOLDER_WORDS | _FILLERS for word in words)


@lru_cache(CACHE_SIZE)
def _segments(name: str) -> tuple[tuple[str, ...], ...]:
    """The words of each segment of a name that is a path; segments without words are left out."""
    plain = unicodedata.normalize("NFKC", name)[:MAX_TEXT]  # one character may become eighteen
    segments = []
    for segment in re.split(r"[\[\].$:/\\]+", plain):
        if segment and not _GENERATED.match(segment):
            spaced = _LETTER_DIGIT.sub(" ", _CAMEL.sub(" ", segment))
            segments.append(tuple(w for w in normalise(_SEPARATORS.sub(" ", spaced)).split() if w not in _FRAMEWORK_WORDS))
    return tuple(words for words in segments if words)


@lru_cache(CACHE_SIZE)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name or id from a page's source: splits camelCase, snake_case and paths, drops generated and framework parts.

    `ctl00$Main$txtBillFirstName` → (`bill`, `first`, `name`); `addr1` → (`addr`, `1`).
    """
    return tuple(word for words in _segments(name) for word in words)


@lru_cache(CACHE_SIZE)
def name_keys(name: str) -> tuple[str, ...]:
    """The lexicon keys of a name: the whole, then without its leading `_CONTEXT_WORDS`, then its last segment in the same way."""
    segments = _segments(name)
    keys: dict[str, None] = {}
    for words in (tuple(word for segment in segments for word in segment), segments[-1] if segments else ()):
        while words:
            keys[" ".join(words)] = None
            words = words[1:] if len(words) > 1 and words[0] in _CONTEXT_WORDS else ()
    return tuple(keys)
