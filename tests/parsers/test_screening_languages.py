"""Machine mail in languages beside the big ones: told by its words alone, and never mistaken for a person's."""

from datetime import date

import pytest

from parsers.message import parse_message
from parsers.screening import Screened, screen
from tests.parsers.mail_samples import plain_mail

ABSENCES = [  # subject, text, first or last day as stated
    (
        "Resposta automática: Encomenda PO-1",
        "Estou ausente até 20 de novembro. Em caso de urgência contacte a colega Ana Sousa (ana.sousa@limpa.example).",
        date(2026, 11, 20),
    ),
    (
        "Fora do escritório Re: Encomenda PO-2",
        "Obrigado pela sua mensagem. Encontro-me de férias e regresso no dia 23/11/2026.",
        date(2026, 11, 23),
    ),
    ("Ausência temporária: Pedido PO-3", "Estarei fora do escritório até 30/11 com acesso limitado ao e-mail.", None),
    (
        "Odpowiedź automatyczna: Zamówienie PO-4",
        "Dziękuję za wiadomość. Jestem na urlopie do 27.11.2026. W pilnych sprawach proszę o kontakt z Janem Nowakiem.",
        date(2026, 11, 27),
    ),
    ("Nieobecność w biurze Re: PO-5", "Przebywam poza biurem do 20 listopada.", date(2026, 11, 20)),
    ("Autoodpowiedź: PO-6", "Jestem nieobecny, wracam w poniedziałek.", None),
    (
        "Automatisch antwoord: Bestelling PO-7",
        "Ik ben afwezig tot en met 20 november. Bij spoed kunt u contact opnemen met Kees.",
        date(2026, 11, 20),
    ),
    ("Afwezig: RE: PO-8", "Bedankt voor je mail. Ik ben met vakantie en lees mijn e-mail niet.", None),
    (
        "Out of office Re: PO-9",
        "Momenteel ben ik niet op kantoor; ik ben terug op maandag 23 november.",
        date(2026, 11, 23),
    ),
    (
        "Risposta automatica: Ordine PO-10",
        "Sono fuori ufficio fino al 20 novembre. Per urgenze contattare Luca Neri.",
        date(2026, 11, 20),
    ),
    ("Fuori sede: R: PO-11", "Sarò assente fino al 30/11/2026 e risponderò al mio rientro.", date(2026, 11, 30)),
    ("Assenza dall'ufficio: PO-12", "Grazie per il messaggio. Sono in ferie e rientro lunedì.", None),
    (
        "Autosvar: Order PO-13",
        "Jag är på semester och åter den 23 november. Vid brådskande ärenden, kontakta Lisa.",
        date(2026, 11, 23),
    ),
    ("Automatiskt svar: PO-14", "Jag är inte på kontoret. Tillbaka måndag 23/11.", None),
    ("Frånvarande: Re: PO-15", "Tack för ditt mejl. Jag är tjänstledig till 1 december.", date(2026, 12, 1)),
    (
        "Automatisk svar: Ordre PO-16",
        "Jeg er på ferie til og med den 20. november. Kontakt venligst Bo i hastesager.",
        date(2026, 11, 20),
    ),
    ("Autosvar: PO-17", "Jeg er ikke på kontoret og svarer, når jeg er tilbage den 23. november.", date(2026, 11, 23)),
    ("Fraværende: SV: PO-18", "Tak for din mail. Jeg holder fri indtil mandag.", None),
    (
        "Automatická odpověď: Objednávka PO-19",
        "Jsem na dovolené do 20. listopadu. V naléhavých případech kontaktujte kolegu Petra Malého.",
        date(2026, 11, 20),
    ),
    ("Mimo kancelář: Re: PO-20", "Děkuji za zprávu. Nejsem v kanceláři, vrátím se 23.11.2026.", date(2026, 11, 23)),
    ("Nepřítomnost: PO-21", "Od 16. do 27. listopadu čerpám dovolenou.", date(2026, 11, 27)),
]
PEOPLE = [
    ("Re: Encomenda PO-1", "Bom dia, estou de férias na próxima semana, por isso confirmo já a entrega para sexta."),
    ("Re: Zamówienie", "Potwierdzam. W przyszłym tygodniu jestem na urlopie, proszę dzwonić do Jana."),
    ("RE: Bestelling PO-7", "Akkoord. Let op: volgende week ben ik afwezig."),
    ("R: Ordine PO-10", "Confermo tutto, la risposta automatica di ieri era un errore."),
    ("SV: Order PO-13", "Vi bekräftar. Jag är på semester nästa vecka."),
    ("SV: Ordre", "Vi bekræfter ordren. Ring til Bo, jeg er på ferie i næste uge."),
    ("Re: Objednávka", "Potvrzujeme. Příští týden mám dovolenou."),
]
BOUNCES = [  # sender, subject, text, recipient, permanent
    (
        "MAILER-DAEMON@mail.limpa.example",
        "Falha na entrega da mensagem",
        "A sua mensagem não foi entregue ao seguinte destinatário:\n\n  "
        "vendas@velho.example\n\n550 5.1.1 Utilizador desconhecido",
        "vendas@velho.example",
        True,
    ),
    (
        "postmaster@correio.example",
        "Mensagem não entregue",
        "Não foi possível entregar a mensagem para contato@antigo.example porque a caixa de correio não existe.\n",
        "contato@antigo.example",
        True,
    ),
    (
        "MAILER-DAEMON@poczta.example",
        "Niedostarczona wiadomość zwrócona do nadawcy",
        "Wiadomość nie mogła zostać dostarczona do odbiorcy:\n\n<biuro@stary.example>: 550 5.1.1 User unknown",
        "biuro@stary.example",
        True,
    ),
    (
        "postmaster@poczta.example",
        "Opóźnienie w dostarczeniu wiadomości",
        "Wiadomość do biuro@wolny.example nie została jeszcze dostarczona. "
        "Próby będą ponawiane przez 4 dni. Nie musisz wysyłać jej ponownie.",
        "biuro@wolny.example",
        False,
    ),
    (
        "MAILER-DAEMON@post.example",
        "Onbestelbaar: Bestelling PO-7",
        "Uw bericht kon niet worden afgeleverd bij:\n\nverkoop@weg.example\n\nHet e-mailadres bestaat niet.",
        "verkoop@weg.example",
        True,
    ),
    (
        "postmaster@post.example",
        "Bezorging vertraagd: PO-8",
        "De bezorging van uw bericht aan verkoop@traag.example is vertraagd. De server blijft het proberen.",
        "verkoop@traag.example",
        False,
    ),
    (
        "MAILER-DAEMON@posta.example",
        "Messaggio non recapitato",
        "Il messaggio non è stato recapitato al seguente destinatario:\n\n"
        "info@chiuso.example\n\nCasella di posta inesistente (550 5.1.1)",
        "info@chiuso.example",
        True,
    ),
    (
        "postmaster@posta.example",
        "Mancata consegna: Ordine PO-10",
        "Impossibile recapitare il messaggio a vendite@pieno.example: casella piena (452 4.2.2).",
        "vendite@pieno.example",
        False,
    ),
    (
        "MAILER-DAEMON@post.example",
        "Kunde inte levereras: Order PO-13",
        "Ditt meddelande kunde inte levereras till följande mottagare:\n\norder@borta.example\n\nAdressen finns inte.",
        "order@borta.example",
        True,
    ),
    (
        "postmaster@post.example",
        "Leveransen är försenad",
        "Leveransen av ditt meddelande till order@seg.example är försenad. Servern försöker igen.",
        "order@seg.example",
        False,
    ),
    (
        "MAILER-DAEMON@post.example",
        "Kan ikke leveres: Ordre PO-16",
        "Meddelelsen kunne ikke leveres til følgende modtager:\n\nsalg@vaek.example\n\nAdressen findes ikke.",
        "salg@vaek.example",
        True,
    ),
    (
        "MAILER-DAEMON@posta.example",
        "Nedoručitelná zpráva: Objednávka PO-19",
        "Vaši zprávu se nepodařilo doručit příjemci:\n\nobchod@stary.example\n\nAdresa neexistuje (550 5.1.1).",
        "obchod@stary.example",
        True,
    ),
    (
        "postmaster@posta.example",
        "Zpoždění doručení",
        "Doručení zprávy pro obchod@pomaly.example se opožďuje. Server se bude dále pokoušet zprávu doručit.",
        "obchod@pomaly.example",
        False,
    ),
]


def screened(text: str, subject: str, sender: str = "Eva Kool <eva@firma.example>") -> Screened:
    return screen(parse_message(plain_mail(text, subject, sender)), ("desk@mill.example",))


@pytest.mark.parametrize(("subject", "text", "back_on"), ABSENCES)
def test_an_absence_note_without_any_header_of_one_is_known_by_its_words(
    subject: str, text: str, back_on: date | None
) -> None:
    found = screened(text, subject)
    assert (found.kind, found.back_on) == ("auto_reply", back_on)


@pytest.mark.parametrize(("subject", "text"), PEOPLE)
def test_a_person_who_tells_of_holidays_is_no_machine(subject: str, text: str) -> None:
    assert screened(text, subject).kind == "human"


@pytest.mark.parametrize(("sender", "subject", "text", "recipient", "permanent"), BOUNCES)
def test_a_bounce_in_plain_words_names_its_recipient_and_whether_it_is_final(
    sender: str, subject: str, text: str, recipient: str, permanent: bool
) -> None:
    found = screened(text, subject, sender)
    assert (found.kind, found.recipients, found.permanent) == ("bounce", (recipient,), permanent)
