from collections.abc import Callable

import pytest

from procurement.bank import account_forms, bank_problems, is_iban, is_masked, masked, moved

KNOWN = ["DE89370400440532013000"]
OTHER = "GB33BUKB20201555555555"


def among(known: list[str] | None) -> Callable[[str], bool] | None:
    forms = {form for account in known or () for form in account_forms(account)}
    return forms.__contains__ if known else None


@pytest.mark.parametrize(
    ("accounts", "known", "problems"),
    [
        (["DE89370400440532013000"], KNOWN, 0),
        (["532013000"], KNOWN, 0),
        (["0532013000"], KNOWN, 0),
        ([OTHER], KNOWN, 1),
        ([OTHER, "DE89370400440532013000"], KNOWN, 1),
        ([OTHER], [], 0),
        ([OTHER], None, 0),
        ([], KNOWN, 0),
        (["532013001"], KNOWN, 1),
    ],
)
def test_an_account_counts_only_beside_known_ones(accounts: list[str], known: list[str] | None, problems: int) -> None:
    assert len(bank_problems({"accounts": accounts}, among(known))) == problems


def test_a_document_within_a_mail_counts_as_the_mail() -> None:
    reading = {"documents": [{"documents": [{"accounts": [OTHER]}]}]}
    assert OTHER in bank_problems(reading, among(KNOWN))[0].detail


def test_an_announcement_counts_whoever_writes_and_whatever_is_known() -> None:
    reading = {"announcements": [{"about": "bank", "text": "Our bank changed."}]}
    for known in (KNOWN, [], None):
        assert [problem.at for problem in bank_problems(reading, among(known))] == ["/announcements"]


def test_a_new_address_is_no_bank_problem_but_told() -> None:
    reading = {"announcements": [{"about": "address", "text": "We moved."}]}
    assert bank_problems(reading, among(KNOWN)) == []
    assert moved(reading) == "We moved."
    assert moved({}) is None


def test_one_wrong_digit_is_no_iban() -> None:
    assert is_iban(OTHER)
    assert not is_iban("GB33BUKB20201555555554")
    assert not is_iban("")


def test_a_mask_shows_the_country_and_the_end_and_is_no_account() -> None:
    assert [masked(one) for one in ("GB33BUKB20201555555555", "0532013000", "123456")] == [
        "GB33••••5555",
        "••••3000",
        "••••3456",
    ]
    assert is_masked("GB33••••5555")
    assert not is_masked(OTHER)


def test_a_short_number_is_known_whole_and_its_end_is_not() -> None:
    assert account_forms("001234") == ("1234",)
    assert account_forms("123456") == ("123456", "23456")
    assert "5555" not in account_forms(OTHER)
