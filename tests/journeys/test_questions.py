from tests.journeys.people import in_days
from tests.journeys.world import Desk, plain
from web.desk.accounting import accounts


def test_a_request_with_gaps_is_asked_about_once_completed_by_a_reply_and_ordered(desk: Desk) -> None:
    ada = desk.person("ada")
    desk.write(ada, "Papier", "Hallo,\n\nbitte bestellen:\n\n- 2 boxes copy paper A4 80 g (P-200)\n\nDanke, Ada\n")
    desk.work()
    received, question = desk.inbox(ada)
    assert "R-00001" in received.subject and "R-00001" in question.subject
    for mail in (received, question):
        assert mail.get("auto-submitted") == "auto-replied"
    text = plain(question)
    assert "Kostenstelle" in text and "Bis wann" in text
    assert desk.inbox(desk.krause) == []

    desk.answer(ada, question, f"4711, brauchen wir bis {in_days(20)}")
    desk.work()
    assert len(desk.inbox(desk.krause)) == 1
    with desk.rows() as session:
        row = desk.requisition(session)
        assert (row.number, row.state, row.cost_center) == ("R-00001", "ordered", "4711")
        assert row.needed_by is not None
        assert desk.held(session) == []
        account = accounts(session)[0]
        assert (account.accepted, account.processed, account.unaccounted) == (2, 2, 0)


def test_a_stranger_who_forges_the_requester_is_never_answered(desk: Desk) -> None:
    ada = desk.person("ada")
    mail = desk.compose(ada, "Paper", "Please order:\n\n- 2 boxes copy paper A4 80 g (P-200)\n")
    desk.border.submit(None, desk.address, mail.as_bytes().replace(b"\n", b"\r\n"))
    mail = desk.compose(ada, "Hm", "Does anyone know about the coffee machine?")
    desk.border.submit(None, desk.address, mail.as_bytes().replace(b"\n", b"\r\n"))
    desk.work()
    assert desk.inbox(ada) == []
