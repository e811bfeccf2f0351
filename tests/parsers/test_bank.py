"""Accounts and announcements of other ones, in many languages; what denies a change announces none."""

import pytest

from parsers.bank import accounts_in, announced, together
from parsers.document import read_document
from parsers.mail import read_message
from parsers.message import parse_message
from tests.parsers.mail_samples import plain_mail

IBAN = "GB33BUKB20201555555555"
CHANGES = [
    "Please note that our bank details have changed.",
    "Our new bank account is with Harbour Bank.",
    "Due to fraud attempts our old account has been closed, please do not use the IBAN below our older mails.",
    "From now on please pay to the following account: IBAN below.",
    "As our account is under audit, kindly remit to our updated payment details.",
    "Bitte beachten Sie unsere neue Bankverbindung.",
    "Unsere Kontonummer hat sich geändert.",
    "Ab sofort gilt die unten genannte IBAN.",
    "Nous avons changé de banque, voici nos nouvelles coordonnées bancaires.",
    "Merci de noter notre nouveau RIB.",
    "Les anciennes coordonnées bancaires ne sont plus valables.",
    "Les informamos de que hemos cambiado nuestra cuenta bancaria.",
    "A partir de hoy usen estos datos bancarios.",
    "Vi comunichiamo le nostre nuove coordinate bancarie.",
    "Il nostro conto corrente è cambiato.",
    "Ons rekeningnummer is gewijzigd.",
    "Wilt u voortaan onze nieuwe bankrekening gebruiken?",
    "Os nossos dados bancários mudaram: nova conta bancária.",
    "Zmieniliśmy numer konta.",
    "Prosimy o wpłaty na nowy rachunek bankowy.",
    "Vi har ændret vores bankoplysninger, her er det nye kontonummer.",
    "Vi har bytt bank, vårt nya bankgiro är 123-4567.",
    "Vårt kontonummer ändras.",
    "Změnili jsme číslo účtu.",
]
MOVES = [
    "We have moved to new premises.",
    "Please note our new address: 3 Quay Road.",
    "Our e-mail address has changed.",
    "We are relocating our offices in March.",
    "Wir sind umgezogen.",
    "Unsere neue Anschrift lautet Kai 5.",
    "Bitte nutzen Sie unsere neue E-Mail-Adresse.",
    "Voici notre nouvelle adresse.",
    "Nous déménageons le 3 mars.",
    "Nos hemos trasladado.",
    "Esta es nuestra nueva dirección.",
    "Ci siamo trasferiti.",
    "Il nostro nuovo indirizzo è via Roma 3.",
    "Wij zijn verhuisd.",
    "Ons nieuwe adres is Kade 3.",
    "Mudámos de instalações: nova morada.",
    "Nasz nowy adres to Długa 3.",
    "Vi har flyttat.",
    "Vores nye adresse er Havnegade 3.",
]
NOTHING = [
    "We confirm your order as written.",
    "Our bank details have not changed.",
    "We will never notify you of a change of our bank details by e-mail.",
    "Unsere Bankverbindung ist unverändert.",
    "Wir werden Ihnen niemals per E-Mail eine neue Bankverbindung mitteilen.",
    "Nos coordonnées bancaires sont inchangées.",
    "Bank: Harbour Bank, IBAN GB33 BUKB 2020 1555 5555 55",
    "Delivery address: 12 Harbour Street.",
    "A new pump is on its way to your address.",
    "Could you change the delivery date?",
    "Die neue Lieferung geht an Ihre Anschrift.",
    "Le nouveau prix est de 12 euros.",
    "Please order 3 boxes of gloves to our address in Leeds.",
]


@pytest.mark.parametrize("text", CHANGES)
def test_words_that_announce_another_account_are_found(text: str) -> None:
    assert [one.about for one in announced(f"Hello,\n\n{text}\n\nRegards")] == ["bank"]


@pytest.mark.parametrize("text", MOVES)
def test_words_that_announce_another_address_are_found(text: str) -> None:
    assert [one.about for one in announced(f"Hello,\n\n{text}\n\nRegards")] == ["address"]


@pytest.mark.parametrize("text", NOTHING)
def test_what_changes_nothing_announces_nothing(text: str) -> None:
    assert announced(text) == ()


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX", ("DE89370400440532013000",)),
        ("iban: de89370400440532013000.", ("DE89370400440532013000",)),
        ("IBAN:GB33BUKB20201555555555", ("GB33BUKB20201555555555",)),
        ("FR14 2004 1010 0505 0001 3M02 606 Paris", ("FR1420041010050500013M02606",)),
        ("Account number: 55779911, sort code 20-20-15", ("55779911", "202015")),
        ("Sparkasse Kiel, BLZ 210 501 70, Kontonummer 1234567", ("1234567",)),
        ("Your account number with us: 55779911", ()),
        ("DE88 3704 0044 0532 0130 00", ()),
        ("Order PO-2026-00017 of 12 boxes", ()),
        ("VAT DE812000111", ()),
    ],
)
def test_accounts_are_known_by_their_check_digits_or_label(text: str, accounts: tuple[str, ...]) -> None:
    assert accounts_in(text) == accounts


def test_several_texts_tell_each_account_once() -> None:
    assert together([IBAN, f"again {IBAN}", ""]) == ((IBAN,), ())


def test_a_mail_tells_what_its_words_and_documents_name() -> None:
    text = "We confirm.\n\nPlease note that our bank details have changed.\n\nKind regards\nJan\nIBAN " + IBAN
    reading = read_message(parse_message(plain_mail(text)), read_document)
    assert reading.accounts == (IBAN,)
    assert [one.about for one in reading.announcements] == ["bank"]
    again = type(reading).from_dict(reading.as_dict())
    assert again.announcements == reading.announcements


def test_a_text_of_any_length_is_read_in_passable_time() -> None:
    assert accounts_in("AB12 " * 50_000) == ()
    assert announced("new bank account " * 5_000) != ()
