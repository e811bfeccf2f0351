import pytest

from parsers.decision_list import UNCLEAR, decisions

YES, NO = "approved", "rejected"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Approve R-00012 and R-00015, reject R-00016.", {"R-00012": YES, "R-00015": YES, "R-00016": NO}),
        ("approve 12, 15 and 17, reject 16", {"12": YES, "15": YES, "17": YES, "16": NO}),
        ("Approve 12 and reject 15", {"12": YES, "15": NO}),
        ("R-00012: approved\nR-00015: rejected\nR-00016: ok", {"R-00012": YES, "R-00015": NO, "R-00016": YES}),
        ("Hi,\n\n12 approved\n15 approved\n\nThanks\nOlga", {"12": YES, "15": YES}),
        ("12, 15 approved. 16 rejected.", {"12": YES, "15": YES, "16": NO}),
        ("12 approved, 15, 16 rejected", {"12": YES, "15": NO, "16": NO}),
        ("All approved, thanks.", {"*": YES}),
        ("Approve all, reject 16", {"*": YES, "16": NO}),
        ("Alle genehmigt.", {"*": YES}),
        ("R-00012 genehmigt, R-00015 abgelehnt", {"R-00012": YES, "R-00015": NO}),
        ("J'approuve 12 et 15, 16 refusée", {"12": YES, "15": YES, "16": NO}),
        ("Tout approuvé", {"*": YES}),
        ("Apruebo 12 y 15, rechazo 16", {"12": YES, "15": YES, "16": NO}),
        ("Approvo 12 e 15, respingo 16", {"12": YES, "15": YES, "16": NO}),
        ("12 en 15 goedgekeurd, 16 afgekeurd", {"12": YES, "15": YES, "16": NO}),
        ("Aprovo 12 e 15, rejeito 16", {"12": YES, "15": YES, "16": NO}),
        ("Zatwierdzam 12 i 15, odrzucam 16", {"12": YES, "15": YES, "16": NO}),
    ],
)
def test_each_request_gets_the_decision_that_stands_with_it(text: str, expected: dict[str, str]) -> None:
    assert decisions(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Approved.",
        "Approved up to 500.",
        "Approve 12 if it is cheap.",
        "Approve 12 but only 5 boxes",
        "Approve all but 16",
        "Approve all except 16",
        "All approved?",
        "Not all approved.",
        "Approve 12, reject 12",
        "Approve 10 boxes",
        "I will approve 12 tomorrow",
        "12 and 15",
        "Dora said: approve all",
    ],
)
def test_what_is_no_plain_list_decides_nothing(text: str) -> None:
    assert decisions(text) == {}


@pytest.mark.parametrize("text", ["Approve R-00012 if it is cheap.", "What about R-00012?", "R-00012 is not urgent"])
def test_one_of_our_numbers_in_other_words_is_unclear(text: str) -> None:
    assert decisions(text) == {UNCLEAR: "unclear"}
