"""A street's lines in the order of many countries, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldwise_backend.flatten.street_words import EAST_ASIAN, NUMBER_FIRST, NUMBER_LAST
from fieldwise_backend.flatten.streets import Street, first_line, split_street

COUNTRIES = sorted(NUMBER_FIRST | NUMBER_LAST | EAST_ASIAN)

ADDRESSES = [
    # United States
    ("US", "48 Harbor View Road\nApt 5B", Street("Harbor View Road", "48", unit="5B")),
    ("US", "48 Harbor View Road\nApt 5B\nRear entrance", Street("Harbor View Road", "48", unit="5B")),
    ("US", "1600 Amphitheatre Pkwy", Street("Amphitheatre Pkwy", "1600")),
    ("US", "350 5th Avenue, Floor 32", Street("5th Avenue", "350", floor="32")),
    ("US", "12345 67th Ave NE #210", Street("67th Ave NE", "12345", unit="210")),
    ("US", "48-20 Oak Street", Street("Oak Street", "48-20")),
    ("US", "48 1/2 Main St, Unit B", Street("Main St", "48 1/2", unit="B")),
    ("US", "100 Main St Suite 200", Street("Main St", "100", unit="200")),
    ("US", "77 Mill Street\nBuilding C\n2nd Floor", Street("Mill Street", "77", "C", "2")),
    ("US", "Apt 3, 9 Elm Court", Street("Elm Court", "9", unit="3")),
    ("US", "4 Oak Avenue Apt #3", Street("Oak Avenue", "4", unit="3")),
    ("US", "123 Avenue B", Street("Avenue B", "123")),
    ("US", "20 Tower Hill Rd", Street("Tower Hill Rd", "20")),
    ("US", "123 Main St, Boston, MA 02128", Street("Main St", "123")),
    ("US", "PO Box 123", Street()),
    ("US", "Rt 2 Box 14", Street()),
    ("US", "One Harbor Way", Street()),
    ("US", "12 Oak Street\n14 Elm Street", Street()),
    # Great Britain and Ireland
    ("GB", "221B Baker Street", Street("Baker Street", "221B")),
    ("GB", "Flat 2, Rose House, 12 High Street", Street("High Street", "12", "Rose House", unit="2")),
    ("GB", "12-14 Kings Road", Street("Kings Road", "12-14")),
    ("GB", "Flat 3 12 High Street", Street("High Street", "12", unit="3")),
    ("GB", "Rose Cottage\nChurch Lane", Street()),
    ("IE", "Apartment 4, 15 Main Street", Street("Main Street", "15", unit="4")),
    # Canada, Australia, New Zealand, South Africa
    ("CA", "1234, rue Sainte-Catherine Ouest, app. 5", Street("rue Sainte-Catherine Ouest", "1234", unit="5")),
    ("CA", "123 King St W Suite 400", Street("King St W", "123", unit="400")),
    ("CA", "5-48 King Street", Street()),
    ("AU", "5/48 Harbour Street", Street("Harbour Street", "48", unit="5")),
    ("AU", "Unit 7, 120 Collins Street", Street("Collins Street", "120", unit="7")),
    ("NZ", "2A/15 Queen Street", Street("Queen Street", "15", unit="2A")),
    ("ZA", "15 Long Street", Street("Long Street", "15")),
    # France and Luxembourg
    ("FR", "12 bis rue de la Paix", Street("rue de la Paix", "12 bis")),
    ("FR", "12, rue de la Paix", Street("rue de la Paix", "12")),
    ("FR", "5 rue du 8 Mai 1945", Street("rue du 8 Mai 1945", "5")),
    ("FR", "12 B avenue Foch\nBât. C, 3e étage, appt 31", Street("avenue Foch", "12 B", "C", "3", "31")),
    ("FR", "Lieu-dit Le Moulin", Street()),
    ("FR", "Rue de la Paix 12", Street()),
    ("LU", "7, rue du Fossé", Street("rue du Fossé", "7")),
    # Germany, Austria, Switzerland
    ("DE", "Hauptstraße 12a", Street("Hauptstraße", "12a")),
    ("DE", "Hauptstr. 12 a", Street("Hauptstr.", "12 a")),
    ("DE", "Straße des 17. Juni 135", Street("Straße des 17. Juni", "135")),
    ("DE", "Lindenweg 7, 3. OG", Street("Lindenweg", "7", floor="3")),
    ("DE", "Am Markt", Street()),
    ("DE", "Q7 24", Street()),
    ("DE", "Postfach 1234", Street()),
    ("AT", "Mariahilfer Straße 10/3/15", Street("Mariahilfer Straße", "10", unit="15")),
    ("US", "48 Main St\nApt #5B", Street("Main St", "48", unit="5B")),
    ("US", "48 Main St, Unit #12", Street("Main St", "48", unit="12")),
    ("HU", "Fő utca 5. 2/3", Street()),
    ("CN", "中山路100号5楼501室", Street("中山路", "100", floor="5", unit="501")),
    ("CN", "中山路100号5号楼501室", Street("中山路", "100", building="5", unit="501")),
    ("AT", "Ringstraße 4 Top 12", Street("Ringstraße", "4", unit="12")),
    ("CH", "Rue du Rhône 12", Street("Rue du Rhône", "12")),
    # Netherlands and Belgium
    ("NL", "Kerkstraat 48", Street("Kerkstraat", "48")),
    ("NL", "Kerkstraat 48-2", Street("Kerkstraat", "48-2", unit="2")),
    ("NL", "Kerkstraat 48 B", Street("Kerkstraat", "48 B", unit="B")),
    ("NL", "Plein 1944 12", Street()),
    ("BE", "Rue de la Loi 16 bte 5", Street("Rue de la Loi", "16", unit="5")),
    ("BE", "Kerkstraat 48 bus 3", Street("Kerkstraat", "48", unit="3")),
    # Nordic countries
    ("SE", "Storgatan 12 B lgh 1103", Street("Storgatan", "12 B", unit="1103")),
    ("DK", "Vestergade 12, 3. tv", Street("Vestergade", "12", floor="3", unit="tv")),
    ("FI", "Mannerheimintie 12 A 5", Street("Mannerheimintie", "12", unit="A 5")),
    ("NO", "Storgata 8", Street("Storgata", "8")),
    # Spain, Portugal, Italy
    ("ES", "Calle Mayor 5, 3º B", Street("Calle Mayor", "5", floor="3", unit="B")),
    ("ES", "C/ Mayor, 5, 3º dcha", Street("C/ Mayor", "5", floor="3", unit="dcha")),
    ("ES", "Calle Mayor, nº 5", Street("Calle Mayor", "5")),
    ("ES", "Calle Mayor 5, 3", Street()),
    ("ES", "Calle 8", Street()),
    ("PT", "Rua Augusta 24, 2º Dto", Street("Rua Augusta", "24", floor="2", unit="Dto")),
    ("IT", "Via Roma 12", Street("Via Roma", "12")),
    ("IT", "Via XX Settembre, 5, int. 4, piano 2", Street("Via XX Settembre", "5", floor="2", unit="4")),
    ("IT", "Corso Italia n. 5", Street("Corso Italia", "5")),
    ("IT", "Via della Torre 5", Street("Via della Torre", "5")),
    ("IT", "Viale Piano 4", Street("Viale Piano", "4")),
    ("IT", "Strada Statale 12", Street()),
    ("IT", "Via Garibaldi 12/A", Street("Via Garibaldi", "12/A")),
    # Latin America
    ("BR", "Rua das Flores, 123, apto 45", Street("Rua das Flores", "123", unit="45")),
    ("BR", "Rua 25 de Março, 200 - Bloco B - apto 12", Street("Rua 25 de Março", "200", "B", unit="12")),
    ("BR", "Rua 7, 123", Street("Rua 7", "123")),
    ("BR", "Rua A, nº 10, casa 2", Street("Rua A", "10", unit="2")),
    ("BR", "SQN 210 Bloco B apto 3", Street(building="B", unit="3")),
    ("BR", "Av. Paulista, 1578", Street("Av. Paulista", "1578")),
    ("MX", "Av. Insurgentes Sur 1602, Int. 5", Street("Av. Insurgentes Sur", "1602", unit="5")),
    ("MX", "Calle 10 No. 204", Street("Calle 10", "204")),
    ("AR", "Av. Corrientes 1234, piso 5, depto. B", Street("Av. Corrientes", "1234", floor="5", unit="B")),
    ("CO", "Carrera 7 # 71-21", Street("Carrera 7", "71-21")),
    ("CL", "Av. Providencia 1234, depto. 501", Street("Av. Providencia", "1234", unit="501")),
    # Poland, Czechia, Hungary
    ("PL", "ul. Długa 12 m. 5", Street("ul. Długa", "12/5", unit="5")),
    ("PL", "ul. Długa 12/5", Street("ul. Długa", "12/5", unit="5")),
    ("PL", "Długa 12A/5", Street("Długa", "12A/5", unit="5")),
    ("PL", "al. Jana Pawła II 8A", Street("al. Jana Pawła II", "8A")),
    ("CZ", "Dlouhá 1234/12", Street("Dlouhá", "1234/12")),
    ("HU", "Kossuth Lajos utca 12.", Street("Kossuth Lajos utca", "12")),
    # Russia, Ukraine, Greece, Turkey
    ("RU", "ул. Ленина, д. 5, кв. 12", Street("ул. Ленина", "5", unit="12")),
    ("RU", "ул. Ленина, дом 5, корп. 2, кв. 12", Street("ул. Ленина", "5", "2", unit="12")),
    ("RU", "проспект Мира 12", Street("проспект Мира", "12")),
    ("RU", "ул. Ленина 5-12", Street()),
    ("UA", "вул. Хрещатик, буд. 22", Street("вул. Хрещатик", "22")),
    ("GR", "Ερμού 12", Street("Ερμού", "12")),
    ("TR", "Atatürk Cad. No: 5 D: 3", Street("Atatürk Cad.", "5", unit="3")),
    ("TR", "İstiklal Cd. No:5 K:2 D:3", Street("İstiklal Cd.", "5", floor="2", unit="3")),
    ("TR", "Caferağa Mah. Moda Cad. No: 12/4", Street("Moda Cad.", "12", unit="4")),
    # Asia
    ("IN", "Flat 4B, Sunrise Apartments, 12 Lake Road, Indiranagar", Street("Lake Road", "12", "Sunrise Apartments", unit="4B")),
    ("IN", "12/3 Lake Road", Street("Lake Road", "12/3")),
    ("IN", "4th Cross, 2nd Main", Street()),
    ("SG", "12 Orchard Road, #05-01", Street("Orchard Road", "12", unit="05-01")),
    ("ID", "Jl. Sudirman No. 5", Street("Jl. Sudirman", "5")),
    ("ID", "Jl. Merdeka No.12 RT 03/RW 05", Street()),
    ("JP", "渋谷1-2-3", Street("", "1-2-3")),
    ("JP", "1-2-3 渋谷", Street()),
    ("JP", "神南1-19-11\nパークハイツ301号室", Street("", "1-19-11", "パークハイツ", unit="301")),
    ("JP", "丸の内１丁目９番１号 グランビル５階", Street("", "1丁目9番1号", "グランビル", "5")),
    ("KR", "테헤란로 123, 4층 501호", Street("테헤란로", "123", floor="4", unit="501")),
    ("KR", "서초대로 74길 33", Street("서초대로 74길", "33")),
    ("CN", "朝阳区建国路88号", Street("建国路", "88")),
    ("TW", "中山北路二段45巷12弄3號5樓", Street("中山北路二段45巷12弄", "3", floor="5")),
    # countries whose order is not known, and none
    ("SA", "12 King Road", Street()),
    ("", "48 Harbor View Road", Street()),
    ("US", "", Street()),
]


@pytest.mark.parametrize(("country", "lines", "expected"), ADDRESSES)
def test_a_street_is_split_in_its_countrys_order_or_not_at_all(country: str, lines: str, expected: Street) -> None:
    assert split_street(tuple(lines.splitlines()), country) == expected


def test_the_table_has_every_order_and_many_countries() -> None:
    countries = {country for country, _, expected in ADDRESSES if expected != Street()}

    assert len(countries) >= 30
    assert countries & NUMBER_FIRST and countries & NUMBER_LAST and countries & EAST_ASIAN


WORDS = "Elm Street Calle ул. д. кв. Apt No: 3º 路 号 番 階 12 5 1/2 48-2 # , - ٣".split()


@given(text=st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
@pytest.mark.parametrize("country", ["US", "DE", "NL", "TR", "JP", "CN", "RU", "ES", ""])
def test_any_text_is_split_without_an_error_and_nothing_is_made_up(country: str, text: str) -> None:
    street = split_street((text,), country)

    assert set(street.number) - set("-/") <= set(text.translate(str.maketrans("０１２３４５６７８９", "0123456789")))
    assert bool(street.name) <= bool(street.number)


@pytest.mark.parametrize(
    ("country", "unit", "line"),
    [
        ("US", "5B", "48 Elm"),
        ("FR", "5B", "48 Elm"),
        ("DE", "5", "Elm 48"),
        ("BR", "5", "Elm, 48"),
        ("NL", "B", "Elm 48B"),
        ("NL", "2", "Elm 48-2"),
        ("PL", "5", "Elm 48/5"),
        ("", "", "Elm 48"),
    ],
)
def test_a_line_is_written_in_its_countrys_order(country: str, unit: str, line: str) -> None:
    assert first_line("Elm", "48", unit, country) == line
