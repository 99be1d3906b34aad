"""The words by which a yes-or-no question is read: what it is about, and what turns it round. All patterns read normalised texts."""

import re
from collections.abc import Iterable, Mapping

from fieldwise_inference.classify.text import normalise

Pattern = re.Pattern[str]

AUTHORIZATION = "work-authorization"
SPONSORSHIP = "visa-sponsorship"
AGE = "age-confirmation"
UNKNOWN = "unknown"
"""Stands for a fact that no profile has: a citizenship, a car, a consent, experience with something."""

_NOT = (
    "not cannot dont doesnt wont cant isnt no non neither without nor"
    " nicht nie niemals kein keine keinen keiner keinerlei ohne weder pas sans sin nao sem senza niet geen zonder nooit"
    " ikke inte ej uden uten utan ei ilman bez nem nincs nelkul nu fara не нет без ні немає δεν όχι χωρίς degil yok olmadan"
    " ne nepotrebuji nepotrebuju nepotrebujem nemam nejsem nemohu nemuzu nemozem nechci nechcem nevyzaduji nebudu nisam nije necu nisem "
    "nimam"
    " нямам нисам немам khong chua"
    " gerekmiyor gerekmez tidak tanpa bukan לא ללא אין لا ليس لست بدون नहीं बिना"
).split()
_ALSO_NOT = (
    "never none nothing aucun aucune jamais rien ningun ninguna nunca tampoco nenhum nenhuma jamais nessun nessuna mai"
    " zadnej zadnego zadnych nigdy никогда никакой никакая никаких"
).split()
"""Negations that, in the languages that double them ("no necesito ningún visado"), add nothing to a first one."""
_IN_A_WORD = ("unable", "unwilling", "ineligible", "unauthorized", "unauthorised", "free from", "free of", "exempt from", "ausgeschlossen")
_NOT_INSIDE = (
    r"n t\b|\ben (?:tarvitse|ole|voi|halua|omista)\b|ไม่|ない|ません"
    r"|(?<!能)(?<!是)(?<!要)(?<!会)不|没|沒|无(?!论)|無(?!論)|未(?!来|來|满|滿|満|成年)"
    r"|并非|않|없|아니|필요 없|안 "
)
FRENCH_NEGATION = re.compile(r"\b(?:ne|n)\b(?= )(?P<between>.{0,60}?)\b(?:pas|plus|jamais|aucun|aucune)\b")
"""`ne … pas` is one negation."""


def _any_of(words: Iterable[str]) -> str:
    return rf"(?<!\w)(?:{'|'.join(re.escape(normalise(word)) for word in words)})(?!\w)"


NEGATION = re.compile(rf"{_any_of(_NOT)}|{_NOT_INSIDE}")
ALSO_NEGATION = re.compile(_any_of(_ALSO_NOT))
NEGATION_IN_A_WORD = re.compile(_any_of(_IN_A_WORD))
WITHOUT = re.compile(
    _any_of("without ohne sans sin sem senza zonder uden uten utan ilman bez без nelkul fara χωρίς tanpa".split()) + "|なしで|없이"
)

TURNING = re.compile(
    r"\b(?:problems?|issues?|difficult\w*|obstacles?|barriers?|hindr\w+|prevent\w*|object(?:ions?|ing)?|oppos\w+|refus\w+|reject\w*|avoid\w*"
    r"|lack(?:s|ing)?|missing|would you mind|rather (?:stay|not)|prefer to stay|new to|first time|stop(?:s|ped|ping)?|rul(?:e|ed) out"
    r"|may we contact|left|(?:previous|past|former|last) (?:job|position|role)|exclud\w+|impossible|unmoglich|schliess\w*|ausschliess\w*"
    r"|exclue?s?|exclu(?:re|ez|ye|yes|ir|i|em)|imposible|impossivel|impossibile|onmogelijk|niemozliw\w*|невозмож\w*|imkansiz"
    r"|schwierig\w*|hindernis\w*|hindern|weiger\w*|verweiger\w*|ablehn\w*|fehlt|mangelt|einwand|einwande|dagegen"
    r"|problemes?|empech\w*|manqu\w+|genant|inconvenients?|problemas?|inconvenientes?|rechaz\w+|carec\w+|falta\w*|neg(?:ar|aria|as)"
    r"|recus\w+|impedimentos?|dificuldade\w*|problemi?|rifiut\w+|manc\w+|ostacol\w+|bezwa\w+|ontbre\w+|probleem|motvill\w*|sakn\w+"
    r"|mangler|vaegr\w*|nekt\w*|ongelma\w*|puuttu\w*|sprzeciw\w*|odmaw\w*|odmow\w*|brak\w*|przeszkod\w*|problem\w*|odmit\w*|chyb\w+"
    r"|проблем\w*|отказ\w*|возраж\w*|отсутств\w*|препятств\w*|sorun\w*|redded\w*|eksik\w*|engel (?:olur|mi))\b"
    r"|問題|支障|拒否|困难|困難|问题|拒绝|문제|거부"
)
"""Words that turn a question round, or change what it asks, without a "not": "Would relocation be a problem?", "Do you lack a licence?"."""

HARMLESS = re.compile(
    r"\b(?:yes|si|sim|ja|oui|tak|да|evet|ya|var)(?: (?:or|o|ou|oder|of|lub|или|veya|atau))? (?:no|nao|nein|nee|non|nie|нет|yok|tidak)\b"
    r"|\b(?:if|or|oder|ou|o|of) (?:not|nicht|non|no|nao|niet)\b"
    r"|\b(?:without|ohne|sans|sin|sem|senza|zonder|bez)(?: any)? (?:restri|einschrank|beschrank|beperking|ograniczen)\w*"
    r"|\b(?:trabalh\w+|morar|residir|viver|atuar) no\b|\bno (?:brasil|pais|futuro|momento|exterior|canada|reino)\b"
    r"|\bco\b.{0,60}\bkhong$|หรือไม่"
    r"|\b(?:now|currently|today|at this time) (?:or|and or|and) (?:in the future|at any time in the future|at any point in the future)\b"
    r"|\b(?:jetzt oder in (?:der )?zukunft|maintenant ou (?:a l avenir|dans le futur)|ahora o en el futuro|agora ou (?:no|em um) futuro"
    r"|ora o in futuro|nu of in de toekomst|teraz lub w przyszlosci|сейчас или в будущем)\b"
)
"""What looks like a negation or a compound and is none: "yes or no", "without restriction", "now or in the future", the Portuguese "no"."""

BEGINS_A_QUESTION = re.compile(
    r"(?:please (?:state|indicate|tell us) (?:if|whether)\b)?\s*(?:are|is|do|does|did|have|has|will|would|can|could|may|should|were|was)"
    r"(?:n t)? (?:you|i|we|your)\b"
)

LINK = re.compile(
    r"\b(and|but|or|und|aber|oder|et|mais|ou|y|pero|o|e|mas|ma|en(?! (?:tarvitse|ole|voi|halua|omista)\b)|maar|(?<!free )of|och|men|eller"
    r"|og|i|ale|lub|и|но|или|ve|ama|veya|dan|tapi"
    r"|atau)\b"
)
"""Joins two clauses. Clauses that mention no fact go to their neighbour, so that it need not be exact."""
ADDITION = re.compile(r"(?:and|und|et|y|och|og|oraz|и|ve)")
"""Links, of which the second clause asks something of its own."""
ALTERNATIVE = re.compile(r"\b(?:or|oder|ou|of|eller|lub|или|veya|atau)\b|または|もしくは|或|또는")
ONLY_IF = re.compile(
    r"\b(?:only|but|with|nur|aber|mit|seulement|mais|avec|solo|pero|con|somente|apenas|mas|com|ma|alleen|maar|met|tylko|ale|z|только|но"
    r"|с)\b"
)
PURPOSE = re.compile(r"\b(?:to|for|um|zu|fur|pour|para|per|om|te|voor|aby|zeby|do|чтобы|для)\b")

NEED = re.compile(
    r"\b(?:need|requir(?!ement)|benotig|brauch|erforderlich|besoin|necessit|requier|requer|necesit|precis[ao]|bisogno|richied|nodig"
    r"|behov|behover|krav|kraever|krever|potrzeb|wymag|нужн|нужда|требу|gerek|ihtiya|membutuhkan|perlu|nevoie|potrebuj|szukseg)"
    r"|必要|需要|필요|보증"
)
SPONSOR = re.compile(r"\b(?:sponsor|parrain|patrocin|спонсор)|スポンサー|サポート|担保|스폰서|후원|كفالة|प्रायोज")
HAVE = re.compile(
    r"\b(?:have|hold|holder|possess|haben|habe|besitz\w*|avez|ai|detenez|possede\w*|tienes?|tengo|cuenta|tem|tenho|possui|hai|ho"
    r"|heb|hebt|bezit\w*|masz|mam|posiada\w*|есть|имеете)\b|持って|お持ち|持有|있습니까|소지"
)
HAS_SUBJECT = re.compile(
    r"\b(?:you|i|sie|vous|je|usted|voce|u|ik|io|pan|pani|вы|я) (?:are|am|have|do|is|sind|bin|suis|avez)\b|\b(?:are|do|am|have"
    r"|will) (?:you|i)\b"
)
"""Shows that a clause is a question or a statement of its own."""
ANY_EMPLOYER = re.compile(r"\b(?:any|every)(?: u ?s)? employer\b|\bjeden arbeitgeber\b|\btout employeur\b|\bcualquier empleador\b")
OFFICE = re.compile(
    r"\b(?:office|offices|onsite|on site|in person|hq|headquarters|studio|workshop|commute|buro|vor ort|bureau|oficina|ufficio|kantoor)\b"
)

FACTS: Mapping[str, Pattern] = {
    AUTHORIZATION: re.compile(
        r"\bauthori[sz]\w*(?! and capable)|\b(?:eligib\w*|ineligible|entitled|permitted|allowed|free|able|unable|right|rights|legal"
        r"|legally|lawful|lawfully)"
        r"\b.{0,30}\b(?:work|employ)\w*|\b(?:can|may)(?: you| i)?(?: legally| lawfully)? work\b|\bwork (?:permit|authori)"
        r"|\bpermission to work"
        r"|\b(?:arbeitserlaubnis|arbeitsgenehmigung|arbeitsberechtig\w*|berechtigt)|\b(?:darf|durfen|kann|konnen)\b.{0,40}\barbeiten\b"
        r"|\bautoris\w*|\bpermis de travail|\bdroit de travailler|\b(?:peux|pouvez(?: vous)?) travailler|\blegalement"
        r"|\bautorizad\w*|\bautorizacion|\bautorizacao|\b(?:permiso|permissao)\b.{0,8}\btrabaj?l?h?\w*|\bderecho a trabajar"
        r"|\bdireito de trabalhar|\blegalmente"
        r"|\bautorizzat\w*|\bpermesso di (?:lavoro|soggiorno)|\bdiritto di lavorare|\b(?:werkvergunning|gerechtigd|bevoegd)"
        r"|\bmag\b.{0,40}\bwerken"
        r"|\bpozwoleni\w* na prac|\buprawni\w*|\bprawo do pracy|\blegalnie|\b(?:arbetstillstand|arbejdstilladelse|arbeidstillatelse)"
        r"|\bratt att arbeta|\bret til at arbejde|\brett til a (?:arbeide|jobbe)|разрешени\w* на работу|прав\w* (?:на )?работ\w*"
        r"|\bcalisma izn?i?\w*|\bizin kerja|\bberhak bekerja|\bpracovni povoleni|\bdrept(?:ul)? de munca|\bpermis de munca"
        r"|就労許可|就労資格|就労が?可能|労働許可|働く|工作许可|工作許可|合法工作|工作权|工作權|취업 ?허가|근로 ?허가|노동 ?허가|일할 수"
        r"|تصريح عمل|يحق لك العمل|אישור עבודה|अधिकृत"
    ),
    SPONSORSHIP: re.compile(
        rf"{SPONSOR.pattern}|\b(?:\w*visa|visas|\w*visum\w*|visto|visado|immigration|viza|vizy|vize|vizeye|vizum\w*)\b|\bwiz(?:a|e|y"
        rf"|owe\w*)\b|\bвиз[аыуе]"
        r"|\bвизов\w*|ビザ|査証|签证|簽證|비자|تأشيرة|ויזה|אשרה|वीज़ा"
    ),
    "willing-to-relocate": re.compile(
        r"\b(?:relocat|umzieh|umzug|umzu|demenag|mobilite geo|reubic|traslad|trasfer(?:ir|im)|verhui|przeprowadz|relokac|переезд|переех"
        r"|tasin|flytta|flytte|pindah)\w*|\bmudar(?: se)? (?:de|para)\b|転居|転勤|引っ越|引越|搬迁|搬遷|이주|전근"
    ),
    "travel-willingness": re.compile(
        r"\b(?:travel|reisebereit|dienstreise|geschaftsreise|voyag|deplacement|viaj|viag|zakenreiz|podroz|delegacj|командиров|seyahat)\w*"
        r"|出張|出差|출장"
    ),
    "drivers-license": re.compile(
        r"\bdriv\w+(?: s)? licen[cs]e|\bfuhrerschein\w*|\bpermis (?:de conduire|b)\b|\b(?:licencia|carnet|permiso) de conducir"
        r"|\bcarteira de|\bcarta de conducao|\bcnh\b|\bpatente\b|\brijbewijs|\bpraw\w* jazdy|\bkorkort|\bkorekort|\bforerkort|\bajokort"
        r"|водительск\w*|\behliyet\w*|運転免許|驾照|駕照|驾驶证|운전면허"
    ),
    "security-clearance": re.compile(r"\b(?:security|secret) clearance|\bclearance\b|\bsicherheitsuberprufung|\bhabilitation secret"),
    "disability-status": re.compile(
        r"\b(?:disab|behinder|schwerbehind|handicap|discapac|deficien|niepelnospraw|инвалид|engelli)\w*|障害|残疾|장애"
    ),
    "veteran-status": re.compile(r"\b(?:veteran|ветеран)\w*"),
    "hispanic-latino": re.compile(r"\b(?:hispan|latin[oaxe])\w*"),
    "previously-employed": re.compile(
        r"\b(?:former employee|(?:previously|formerly|ever)(?: been)? (?:employed|worked)|worked (?:here|for us)|employed (?:here"
        r"|by us))\b"
    ),
    "remote-preference": re.compile(
        r"\b(?:remote|remotely|home ?office|telework\w*|telecommut\w*|wfh|teletravail\w*|teletrabajo)\b|リモート|在宅"
    ),
    AGE: re.compile(
        r"\b(?:over|under|below|above|least|older|younger|than|uber|unter|mindestens|alter|junger|plus de|moins de|au moins|mas de"
        r"|menos de|al menos"
        r"|mais de|pelo menos|piu di|meno di|almeno|ouder|jonger|onder|minstens|boven|powyzej|ponizej|starsz\w*|старше|младше|моложе"
        r"|minder)\b"
        r".{0,20}\b\d\d\b|\b\d\d (?:years|yrs|jahre|ans|anos|anni|jaar|lat|лет|ar|yas)|\b(?:adult|minor|of age|legal age"
        r"|legal drinking age"
        r"|drinking age|eighteen|volljahrig|minderjahrig|majeur|majeure|mineur|mineure|mayor de edad|menor de edad|maior de idade"
        r"|menor de idade|maggiorenne|minorenne|meerderjarig|minderjarig|pelnoletni\w*|совершеннолет\w*|несовершеннолет\w*|myndig"
        r"|resit)\b"
        r"|\d\d ?(?:歳|岁|歲|周岁|周歲|세)|成年|성인|미성년"
    ),
    UNKNOWN: re.compile(
        r"\b(?:agree|terms|privacy|policy|agb|datenschutz\w*|nutzungsbedingungen|einverstanden|cgu|politique|conditions generales"
        r"|terminos|politica"
        r"|termos|termini|voorwaarden|regulamin\w*|polityk\w*|соглас\w*|политик\w*|citizen\w*|\w*burger\w*|citoyen\w*|ciudadan\w*"
        r"|cidada\w*"
        r"|cittadin\w*|obywatel\w*|граждан\w*|green card|permanent resident|passport|reisepass|passeport|pasaporte|insurance|insured"
        r"|vehicle|car"
        r"|cars|clean(?: driving)? record|background check|drug|parent\w* (?:consent|permission)|eigenes|auto|pkw|voiture|vehicule"
        r"|vehiculo|coche|veiculo|carro|automobile|automunit\w*|samochod\w*|автомобил\w*|motorcycle|degree|fluent\w*|suspend\w*|revok\w*"
        r"|disqualif\w*|entzogen|retire|suspendid\w*|revocad\w*|sospes\w*|ingetrokken|own transport\w*|transportation"
        r"|(?:obtain|get|undergo|apply for|eligible for|willing|able)\b.{0,30}\bclearance|commercial|cdl|forklift|lkw|poids lourd"
        r"|(?:live|living|reside|residing|based|located) (?:in|within|near)|commut\w*|local to|(?:are you|i am) local"
        r"|competitors?|another company|anyone|someone|relatives?|applied (?:to"
        r"|for|here|with)"
        r"|restrict\w*|limited|limitations?|expir\w*|befristet\w*|einschrank\w*|beschrank\w*|spouse|wife|husband|dependents?|child"
        r"|children|household|participants?|parents?(?! compan\w*)|guardian|friend|son|daughter|family"
        r"|denied|refused?|rejected|lapsed|lack|lost|tied to|permanent(?:ly)?(?: basis)?|sponsored (?:by|for)|self sponsor"
        r"|petition (?:for|on)|waiting|assistance"
        r"|own expense|financial\w*|reimburs\w*|international (?:driv\w*|licen[cs]e)|points|benefits|fired|terminated|dismissed"
        r"|laid off|convicted|referr?(?:ed)?"
        r"|applied at|currently employed|current employee|travell?ed|relocated|discharged|speak|(?:have|has|had)(?: you| your| an"
        r"| i)?(?: \w+)? ever (?!worked|been employed|"
        r"been an employee)\w+|accommodations?|adjustments?|served"
        r"|military service|armed forces)\b"
        r"|同意|規約|条款|條款|约|車を|약관|동의"
    ),
}
"""By fact: the words that mention it. Facts are yes-or-no ids, whose answers a profile may have, and `UNKNOWN`."""
