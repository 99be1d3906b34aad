"""Years of experience: whether a field asks for all of them, or for those with one thing ("with Kubernetes", "in management")."""

import re
from functools import lru_cache

from fieldwise_common.wire import FieldSlice
from fieldwise_inference.classify.text import normalise

_GENERIC = frozenset(
    (
        "a an the how many much years year yrs yr months month of total totals overall all work working worked job professional career"
        " experience experiences exp do does you your have has had in number no full time are there what is please enter state select"
        " general industry since been for employment cumulative combined approximate approximately long e g eg ex x y and or to"
        " wie viele jahre jahren jahr monate monaten anzahl der an berufserfahrung arbeitserfahrung gesamt gesamte insgesamt haben sie"
        " ihre du hast deine in berufsjahre beruflichen erfahrung berufliche praxis"
        " combien d annees annee ans mois experience experiences professionnelle professionnelles totale total avez vous votre nombre "
        "de la les"
        " des au travail"
        " cuantos cuantas anos ano anios meses experiencia laboral profesional tiene tienes numero de total en su tu"
        " quantos quantas anos experiencia profissional tem voce possui tempo numero"
        " quanti anni mesi esperienza lavorativa professionale hai numero di totale totali"
        " hoeveel jaar jaren maanden ervaring werkervaring heb je heeft u aantal totaal totale"
        " ile lat lata miesiecy doswiadczenia doswiadczenie zawodowe zawodowego liczba masz pan pani pracy staz"
        " hur manga ars ar erfarenhet arbetslivserfarenhet antal totalt har yrkeserfarenhet hvor mange erfaring arbejdserfaring"
        " yrkeserfaring antall"
        " сколько лет год года годы месяцев месяцы опыт опыта работы стаж общий трудовой количество у вас"
        " kac yil yillik ay toplam deneyim deneyiminiz is tecrube tecrubesi tecrubeniz var suresi"
        " berapa tahun bulan pengalaman kerja lama anda total"
        " cati ani experienta profesionala munca aveti hany ev eves tapasztalat munkatapasztalat kolik let praxe pracovni zkusenosti"
    ).split()
)
"""Words of a label that asks for all years. Languages without their words here are not read: their labels count as usual."""
_GENERIC_CJK = re.compile(
    r"経験|年数|年限|職務|職歴|社会人|業務|実務|就業|勤続|勤務|合計|通算|総|年|の|数|工作|经验|經驗|年限|总|總|从业|從業|경력|년수|총|연차|근무|기간|년수|년|수"
)
_ASKS_FOR_YEARS = re.compile(
    r"\b(?:experience|exp|erfahrung|\w*erfahrung|experiencia|esperienza|ervaring|werkervaring|doswiadczeni\w*|опыт\w*|стаж|deneyim\w*"
    r"|tecrube\w*"
    r"|pengalaman|erfarenhet|erfaring|praxe)\b"
    r"|\b(?:years?|yrs|jahre|ans|annees|anos|anni|jaar|lat) (?:of|with|in|using|working|mit|im|avec|en|con|com|em|met|z)\b"
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_RELEVANT = frozenset("relevant related similar relevante pertinente einschlagige einschlagiger".split())


def is_about_one_thing(field: FieldSlice) -> bool:
    """Whether a field asks for experience with something in particular, by its label, or by what stands for it."""
    texts = [text for text in (field.label, field.group) if text] or [
        text for text in (field.placeholder, field.nearby, field.section) if text
    ][:1]
    return any(map(_is_qualified, texts))


@lru_cache(maxsize=1024)
def _is_qualified(text: str) -> bool:
    plain = normalise(text)
    if _CJK.search(plain):
        return bool(_GENERIC_CJK.search(plain)) and bool(re.search(r"[^\W\d_]", _GENERIC_CJK.sub("", plain)))
    words = [word for word in plain.split() if not word.isdigit()]
    if not _RELEVANT.isdisjoint(words):
        return True
    is_read = bool(_ASKS_FOR_YEARS.search(plain))
    return is_read and any(word not in _GENERIC for word in words)
