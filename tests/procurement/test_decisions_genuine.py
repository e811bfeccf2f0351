"""What approvers write in eight languages with eight mail programs is understood, at least 97 of 100."""

import tomllib
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from parsers.document import read_document
from parsers.steps import Taught, read_mail
from records.blobs import Blobs
from records.database import Database
from tests.paper_desk import PaperDesk
from tests.procurement.decision_desk import DecisionDesk
from tests.procurement.mail_clients import CLIENTS

SAID = {
    "approved": {
        "en": ["Approved.", "Looks good to me, please go ahead.", "Hi,\n\nI approve this purchase.\n\nThanks"],
        "de": ["Genehmigt.", "Passt, bitte bestellen.", "Hallo,\n\nhiermit gebe ich die Bestellung frei.\n\nDanke"],
        "fr": ["Approuvé.", "C'est bon pour moi, merci.", "Bonjour,\n\nj'approuve cette demande.\n\nMerci"],
        "es": ["Aprobado.", "Por mi parte adelante, gracias.", "Hola:\n\nApruebo el pedido.\n\nGracias"],
        "it": ["Approvato.", "Va bene, procedete pure.", "Buongiorno,\n\napprovo la richiesta.\n\nGrazie"],
        "nl": ["Goedgekeurd.", "Akkoord, bestel maar.", "Hallo,\n\nik ga akkoord met de bestelling.\n\nBedankt"],
        "pt": ["Aprovado.", "Por mim pode avançar.", "Bom dia,\n\naprovo a encomenda.\n\nObrigada"],
        "pl": ["Zatwierdzam.", "Zgoda, proszę zamawiać.", "Dzień dobry,\n\nakceptuję zamówienie.\n\nDziękuję"],
    },
    "rejected": {
        "en": ["Rejected, we have enough of them."],
        "de": ["Abgelehnt, wir haben noch genug."],
        "fr": ["Refusé, nous en avons encore."],
        "es": ["Rechazado, todavía tenemos."],
        "it": ["Respinto, ne abbiamo ancora."],
        "nl": ["Afgekeurd, we hebben er nog genoeg."],
        "pt": ["Rejeitado, ainda temos."],
        "pl": ["Odrzucam, mamy jeszcze zapas."],
    },
    "question": {
        "en": ["What is this for?", "Approved, but only if it can be charged to project 7."],
        "de": ["Wofür wird das gebraucht?", "Genehmigt, aber nur wenn das Budget reicht."],
        "fr": ["Pourquoi en faut-il autant ?", "Approuvé à condition que le budget le permette."],
        "es": ["¿Para qué se necesita?", "Aprobado siempre que haya presupuesto."],
        "it": ["A cosa servono?", "Approvato a condizione che ci sia budget."],
        "nl": ["Waarvoor is dit nodig?", "Akkoord, mits er budget is."],
        "pt": ["Para que é preciso?", "Aprovado desde que haja orçamento."],
        "pl": ["Do czego jest to potrzebne?", "Zgoda pod warunkiem, że jest budżet."],
    },
}
SHARE = 0.97
REPLIES = Path(__file__).parent / "replies"


@pytest.fixture(scope="module")
def desk(sqlite_template, tmp_path_factory) -> Iterator[DecisionDesk]:  # type: ignore[no-untyped-def]
    place = tmp_path_factory.mktemp("genuine")
    (place / "buydesk.db").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{place / 'buydesk.db'}")
    yield DecisionDesk(PaperDesk(database, Blobs(str(place / "blobs"))))
    database.close()


def test_what_approvers_write_is_understood_and_never_as_its_opposite(desk: DecisionDesk) -> None:
    tried, missed = 0, []
    for meant, languages in SAID.items():
        for language, texts in languages.items():
            for client, text in ((client, text) for client in CLIENTS for text in texts):
                tried += 1
                state = desk.decide(desk.raw(CLIENTS[client](text, language)))
                if state != meant:
                    missed.append((client, language, text, state))
                assert state in (meant, "asked"), (client, text, state)
    assert len(missed) <= (1 - SHARE) * tried, missed


@pytest.mark.parametrize("name", ["first", "second"])
def test_natural_replies_are_understood_and_never_as_their_opposite(name: str) -> None:
    replies = tomllib.loads((REPLIES / f"{name}.toml").read_text(encoding="utf-8"))
    clients = cycle(CLIENTS.values())
    tried, missed = 0, []
    for language, meanings in replies.items():
        for meant, text in ((meant, text) for meant, texts in meanings.items() for text in texts):
            tried += 1
            decision = decision_of(next(clients)(text, language))
            assert decision in (meant, None), (language, text, decision)
            if decision != meant:
                missed.append((language, text))
    assert tried >= 100
    assert len(missed) <= (1 - SHARE) * tried, missed


def decision_of(body: str) -> str | None:
    head = "From: olga@north.example\nTo: purchasing@north.example\nSubject: Re: Please decide\nMIME-Version: 1.0\n"
    raw = (head + body).replace("\n", "\r\n").encode()
    return read_mail(
        raw, (), lambda data, name, media_type, lessons=None: read_document(data, name, media_type), Taught()
    ).decision
