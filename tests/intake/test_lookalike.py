import pytest

from intake.lookalike import lookalike

KNOWN = ("northwind.example", "acme-tools.co.uk", "bolt.example")


@pytest.mark.parametrize(
    "domain",
    [
        "northwlnd.example",
        "n0rthwind.example",
        "northvvind.example",
        "nоrthwind.example",  # a Cyrillic о
        "xn--nrthwind-rbg.example",  # the same in its ASCII form
        "nörthwind.example",
        "nortwind.example",
        "northwindd.example",
        "notrhwind.example",
        "nrothwjnd.example",
        "northwind.test",
        "northwind.co.uk",
        "acme-tools.example",
        "acme-tolls.co.uk",
        "northwind.example.evil.test",
        "mail.northwind.example.evil.test",
    ],
)
def test_a_domain_made_to_be_taken_for_a_known_one_is_named(domain: str) -> None:
    found = lookalike(f"ada@{domain}", KNOWN)
    assert found is not None
    assert "which is known here" in found


@pytest.mark.parametrize(
    "domain",
    [
        "northwind.example",
        "NORTHWIND.example",
        "mail.northwind.example",
        "eastwind.example",
        "bold.example",  # a short name differs in a letter from many
        "bolt.test",
        "other.example",
        "co.uk",
        "",
    ],
)
def test_known_and_plainly_different_domains_are_not(domain: str) -> None:
    assert lookalike(f"ada@{domain}", KNOWN) is None


def test_a_display_name_that_shows_a_known_domain_is_named() -> None:
    assert lookalike("x@mailer.test", KNOWN, "Northwind (northwind.example)") is not None
    assert lookalike("x@mailer.test", KNOWN, "Mynorthwind.example.test") is None
    assert lookalike("x@northwind.example", KNOWN, "acme-tools.co.uk") is None
