import pytest

from parsers.message import parse_message
from parsers.own_words import own_words
from tests.parsers.mail_samples import plain_mail


def words_of(text: str, *sent: str) -> str:
    return own_words(parse_message(plain_mail(text)), sent).text


@pytest.mark.parametrize(
    ("attribution", "answer"),
    [
        ("On Mon, 9 Nov 2026 at 10:00, Bob <bob@firm.example> wrote:", "Fine for us."),
        ("Am 09.11.26 um 10:00 schrieb Bob <bob@firm.example>:", "Passt uns."),
        ("Le 09/11/2026 à 10:00, Bob a écrit :", "C'est bon."),
        ("El lun, 9 nov 2026 a las 10:00, Bob (<bob@firm.example>) escribió:", "Conforme."),
        ("Il giorno lun 9 nov 2026 alle 10:00 Bob <bob@firm.example> ha scritto:", "Va bene."),
        ("Op ma 9 nov 2026 om 10:00 schreef Bob <bob@firm.example>:", "Akkoord."),
        ("Em seg., 9 de nov. de 2026 às 10:00, Bob <bob@firm.example> escreveu:", "De acordo."),
        ("pon., 9 lis 2026 o 10:00 Bob <bob@firm.example> napisał(a):", "Zgoda."),
        ("Den mån 9 nov. 2026 kl 10:00 skrev Bob <bob@firm.example>:", "Det går bra."),
        ("Den man. 9. nov. 2026 kl. 10.00 skrev Bob <bob@firm.example>:", "Det er fint."),
    ],
)
@pytest.mark.parametrize("prefix", ["> ", ""])
def test_an_answer_above_a_quotation_is_all_that_is_said(attribution: str, answer: str, prefix: str) -> None:
    assert words_of(f"{answer}\n\n{attribution}\n{prefix}Please approve\n{prefix}Approved is the word\n") == answer


@pytest.mark.parametrize(
    "block",
    [
        "From: Bob <bob@firm.example>\nSent: 9 November 2026 10:00\nTo: Ann\nSubject: Order\n",
        "Von: Bob <bob@firm.example>\nGesendet: Montag, 9. November 2026\nAn: Ann\nBetreff: Bestellung\n",
        "De : Bob <bob@firm.example>\nEnvoyé : lundi 9 novembre 2026\nÀ : Ann\nObjet : Commande\n",
        "-----Original Message-----\nFrom: Bob\n",
        "---------- Forwarded message ---------\nFrom: Bob <bob@firm.example>\nSubject: Order\n",
    ],
)
def test_a_header_block_begins_what_is_quoted(block: str) -> None:
    assert words_of(f"See below.\n\n{block}\nI approve everything.") == "See below."


def test_answers_between_quoted_lines_are_kept_in_order() -> None:
    text = "Answers below.\n\nOn 9 Nov 2026, Bob wrote:\n> 5 pumps\nYes.\n> 2 valves\nOnly one left.\n"
    assert words_of(text) == "Answers below.\n\nYes.\n\nOnly one left."


@pytest.mark.parametrize(
    "closing",
    [
        "Kind regards\nAnn Lee\nMill Ltd",
        "Mit freundlichen Grüßen\nAnn Lee",
        "Cordialement,\nAnn",
        "Un saludo,\nAnn",
        "Cordiali saluti\nAnn Lee",
        "Met vriendelijke groet,\nAnn",
        "Com os melhores cumprimentos\nAnn",
        "Pozdrawiam\nAnn",
        "Thanks, Ann",
        "Ann",
        "-- \nAnn Lee, Mill",
        "Sent from my iPhone",
    ],
)
def test_the_text_ends_before_its_closing(closing: str) -> None:
    assert words_of(f"Please order 5 boxes.\n\n{closing}\n") == "Please order 5 boxes."


def test_a_postscript_behind_the_closing_is_still_said() -> None:
    assert "leave out the valves" in words_of("Order it.\n\nRegards\nAnn\n\nPS: leave out the valves\n")


def test_a_word_alone_is_never_taken_for_a_signature() -> None:
    assert words_of("Approved\n") == "Approved"
    assert words_of("Hi Bob,\n\nApproved\n\nAnn") == "Hi Bob,\n\nApproved"


def test_what_we_sent_is_known_again_without_any_mark() -> None:
    sent = "Order 77 waits for your approval.\nReply with the word APPROVED if you agree to the order.\n"
    assert words_of(f"Not yet, sorry.\n\n{sent}", sent) == "Not yet, sorry."


def test_hidden_and_struck_out_text_of_html_is_not_said() -> None:
    html = (
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>Order <s>five</s> six boxes</p>"
        b'<div style="display:none">Approved</div><p>Thanks</p>'
    )
    words = own_words(parse_message(html))
    assert "Approved" not in words.text and "five" not in words.text and "six boxes" in words.text
    assert words.hidden == "Approved" and words.struck_out == "five"


def test_alternatives_that_say_different_things_are_noticed() -> None:
    data = (
        b"From: a@b.example\r\nContent-Type: multipart/alternative; "
        b"boundary=b\r\n\r\n--b\r\n\r\nplease order five green boxes\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>I approve all of the orders</p>\r\n--b--\r\n"
    )
    assert own_words(parse_message(data)).alternatives_disagree


def test_a_forwarded_message_keeps_both_identities() -> None:
    text = (
        "Please order this.\n\n---------- Forwarded message ---------\nFrom: Bob Ray "
        "<bob@firm.example>\nSubject: Offer 7\n\n5 pumps"
    )
    inner = own_words(parse_message(plain_mail(text))).forwarded[0]
    assert (inner.address, inner.name, inner.subject, inner.text) == (
        "bob@firm.example",
        "Bob Ray",
        "Offer 7",
        "5 pumps",
    )


@pytest.mark.parametrize(
    "attribution",
    ["On Mon, 9 Nov 2026 at 10:00, bob@firm.example wrote:", "Am 09.11.26 um 10:00 schrieb Bob <bob@firm.example>:"],
)
def test_an_answer_on_the_line_of_its_quotation_is_said(attribution: str) -> None:
    assert words_of(f"Fine--- {attribution}\n> Approved\n") == "Fine"
    assert words_of(f"Fine.\nAs agreed - truly --- {attribution}\n> Approved\n") == "Fine.\nAs agreed - truly"


def test_dashes_before_other_words_are_the_authors() -> None:
    assert words_of("Fine --- and on Monday we will see what Bob wrote.\n") == (
        "Fine --- and on Monday we will see what Bob wrote."
    )


def test_a_quotation_between_dashes_is_not_said() -> None:
    text = "Fine.\n\n------On 9/11/2026 10:00 AM, Bob Miller wrote-----\n\nApproved is the word\n"
    assert words_of(text) == "Fine."
