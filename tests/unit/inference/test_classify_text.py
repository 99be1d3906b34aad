import pytest

from fieldwise_inference.classify.text import name_keys, name_words, normalise


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("*First Name:", "first name"),
        ("E-mail (optional)", "e mail"),
        ("Phone required", "phone"),
        ("Straße (Pflichtfeld)", "strasse"),
        ("İsim *", "isim"),
        ("Prénom", "prenom"),
        ("Zażółć", "zazolc"),
        ("必須 お名前", "お名前"),
        ("ｾｲ", "セイ"),
        ("姓　　名", "姓名"),
        ("お 名 前", "お名前"),
        ("이름 (필수)", "이름"),
        ("Jméno (povinné)", "jmeno"),
        ("Phone (not required)", "phone"),
        ("Sponsorship não obrigatório", "sponsorship nao"),
        ("Keresztnév kötelező", "keresztnev"),
        ("Cod poștal *obligatoriu", "cod postal"),
        ("Ім'я (обов'язково)", "ім я"),
        ("שם פרטי (חובה)", "שם פרטי"),
        ("हिन्दी पिन कोड", "हिन्दी पिन कोड"),
        ("البريد الإلكتروني (مطلوب)", "البريد الإلكتروني"),
        ("  Zip/Postal\tCode ", "zip postal code"),
        ("✉️ Email 📧", "email"),
        ("Telefon (nicht erforderlich)", "telefon"),
        ("Telefon (ikke påkrævet)", "telefon"),
        ("***", ""),
        ("", ""),
    ],
)
def test_a_text_is_normalised_to_its_key(written: str, key: str) -> None:
    assert normalise(written) == key


def test_a_required_mark_inside_a_word_is_kept() -> None:
    assert normalise("プロフィール必須") == "プロフィール必須"
    assert normalise("Optional extras wanted") == "extras wanted"


def test_an_answer_keeps_its_not() -> None:
    for answer in ("Sponsorship not required", "Visum nicht erforderlich", "Visum ikke påkrævet"):
        assert {"not", "nicht", "ikke"} & set(normalise(answer).split())


def test_normalising_twice_changes_nothing() -> None:
    for text in ("*First Name:", "Straße", "İsim", "ｾｲ", "Søknad Łódź"):
        assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("ctl00$MainContent$txtFirstName", ("first", "name")),
        ("order[ship_address_attributes][zipcode]", ("order", "ship", "address", "zipcode")),
        ("addr1", ("addr", "1")),
        ("ccExpMo", ("cc", "exp", "mo")),
        ("j_idt45:form:surname", ("surname",)),
        ("HTMLName", ("html", "name")),
        ("entry.1837462", ()),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", ()),
    ],
)
def test_a_developers_name_is_split_into_words(written: str, words: tuple[str, ...]) -> None:
    assert name_words(written) == words


def test_the_keys_of_a_name_drop_leading_words_that_only_qualify_it() -> None:
    assert name_keys("billing_first_name") == ("billing first name", "first name")
    assert name_keys("company_city") == ("company city",)
    assert name_keys("addrsForm[0].address1") == ("addrs 0 address 1", "address 1", "1")
    assert name_keys("") == ()
