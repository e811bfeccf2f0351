import pytest

from parsers.decision import decide
from parsers.reading import Decision

APPROVALS = [
    "Approved.",
    "approved, thanks",
    "OK, approved",
    "Hi Maria,\n\nApproved.",
    "Hi Maria\nApproved\nDan",
    "Please go ahead and order.",
    "Approved, by the way why did we not use the other firm?",
    "Genehmigt",
    "Hallo Frau Meier,\n\nfreigegeben.",
    "Ja, passt.",
    "Freigabe erteilt",
    "J'approuve.",
    "D'accord pour moi, merci",
    "C'est validé.",
    "Aprobado, gracias",
    "Sí, adelante",
    "Approvato",
    "Va bene, grazie",
    "Akkoord, bestel maar",
    "Ik ga akkoord.",
    "Pode avançar",
    "Aprovado",
    "Zatwierdzam",
    "Tak, zgoda",
]
REFUSALS = [
    "Not approved, sorry. We have four already.",
    "Rejected.",
    "I can't approve this.",
    "Abgelehnt.",
    "Das kann ich so nicht freigeben.",
    "Refusé",
    "Je ne peux pas approuver cette demande.",
    "No apruebo este gasto",
    "Non approvato",
    "Niet akkoord",
    "Não aprovo",
    "Nie zatwierdzam",
    "No.",
]
NO_APPROVALS = [
    "Approved if it stays under 500",
    "Approved up to 500",
    "Approved for 2 units",
    "Approved, but only half of it",
    "I would approve this",
    "Approved?",
    "Was this ever\napproved",
    "He said:\nApproved",
    "Reply APPROVE or REJECT",
    "I think it is approved",
    "This was approved last year",
    "I never approved this.",
    "OK but only 2",
    "ok will check",
    "Yes, what is this?",
    "Genehmigt, aber nur 2 Stück",
    "Genehmigt, wenn der Preis stimmt",
    "Noch nicht genehmigt",
    "D'accord si le prix est bon",
    "Approuvé sous réserve",
    "Sí, pero espera",
    "Si",
    "Va bene ma non subito",
    "Akkoord mits de prijs klopt",
    "Aprovado desde que chegue em dezembro",
    "Zatwierdzam, ale tylko dwie sztuki",
    "Thanks",
    "",
]


@pytest.mark.parametrize("text", APPROVALS)
def test_an_unambiguous_approval_counts(text: str) -> None:
    assert decide(text) is Decision.APPROVED


@pytest.mark.parametrize("text", REFUSALS)
def test_an_unambiguous_refusal_counts(text: str) -> None:
    assert decide(text) is Decision.REJECTED


@pytest.mark.parametrize("text", NO_APPROVALS)
def test_condition_negation_doubt_and_question_never_approve(text: str) -> None:
    assert decide(text) is not Decision.APPROVED


@pytest.mark.parametrize("text", ["Before I sign this, who pays?", "Bevor ich das freigebe: wieso so teuer?", "Why?"])
def test_a_question_first_is_a_question(text: str) -> None:
    assert decide(text) is Decision.QUESTION


def test_a_subject_counts_only_below_nothing_and_never_as_an_answer() -> None:
    assert decide("", "APPROVED") is Decision.APPROVED
    assert decide("", "Re: Approved") is None
    assert decide("see below", "APPROVED") is None


@pytest.mark.parametrize(
    "text",
    [
        "Aprobará.",
        "Aprovará.",
        "Approverà.",
        "Sera approuvé.",
        "Approvare.",
        "Please order this if it is in stock.",
        "Please order only these.",
        "No hurry.",
        "No, I have not looked at it yet.",
        "No, go ahead.",
        "No problem.",
        "Kein Problem.",
        "Please do not order before Friday.",
        "I give my approval tomorrow.",
        "Ich genehmige die Bestellung morgen nicht ohne Angebot.",
        "Unaproved.",
        "Disaproved.",
        "I cannot give my approval yet, fine with the request though.",
        "Mit der Bestellung bin ich nur zum Teil einverstanden.",
        "Je donne mon accord pour la moitié.",
        "Daję zgodę na połowę.",
    ],
)
def test_what_only_resembles_an_approval_is_none(text: str) -> None:
    assert decide(text) is not Decision.APPROVED


@pytest.mark.parametrize("text", ["Aproved", "genemigt", "zatwierdzm, dziękuję", "I approove the order."])
def test_a_slip_of_the_hand_in_a_word_of_approval_is_forgiven(text: str) -> None:
    assert decide(text) is Decision.APPROVED


@pytest.mark.parametrize("text", ["Not aproved", "No, we do not need these.", "Nein, zu teuer."])
def test_a_refusal_with_a_slip_or_its_reason_counts(text: str) -> None:
    assert decide(text) is Decision.REJECTED


@pytest.mark.parametrize("text", ["No, I have not looked at it yet.", "No hurry, we have enough.", "No?"])
def test_a_no_with_something_else_than_a_reason_refuses_nothing(text: str) -> None:
    assert decide(text) is not Decision.REJECTED


@pytest.mark.parametrize(
    "text",
    [
        "Approve lines 1 and 3, not 2.",
        "Line 1 approved, line 2 rejected.",
        "OK but only 5.",
        "Approved, but only two boxes.",
        "Genehmigt, aber nur 5 Stück.",
        "Position 1 und 3 genehmigt, Position 2 nicht.",
        "Approuvé, mais seulement deux.",
        "Ligne 1 approuvée, pas la ligne 2.",
        "Aprobado, pero solo cinco cajas.",
        "Approvato, ma solo due.",
        "Akkoord met regel 1, niet met regel 2.",
        "Aprovado, mas apenas dois.",
        "Zatwierdzam, ale tylko pięć.",
    ],
)
def test_an_approval_of_less_is_a_proposal_that_asks(text: str) -> None:
    assert decide(text) is Decision.QUESTION
