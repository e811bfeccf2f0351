"""What a new policy would have asked of past requisitions, and that a new version changes nothing that runs."""

from decimal import Decimal

import pytest

from procurement.approvers import Directory, Signatory
from procurement.policy import Facts, PolicyStep, Rule
from procurement.policy_simulate import Past, course, grouped, simulate
from procurement.steps.directory import directory_of
from procurement.steps.signing import Signing, past_of, signing_of
from records.blobs import Blobs
from records.database import Database
from records.tables import Policy, Requisition
from tests.journeys.people import folder
from tests.paper_desk import BORDER, PaperDesk

PEOPLE = Directory(
    {
        "ada": Signatory("ada", "Ada", frozenset({"requester"}), "olga"),
        "olga": Signatory("olga", "Olga", frozenset({"approver"}), "dora", Decimal(999)),
        "dora": Signatory("dora", "Dora", frozenset({"approver"}), None, Decimal(9999)),
    },
    {"1": "olga"},
)
OWNER = Rule("owner", steps=(PolicyStep(("owner",)),))


def past(number: str, total: int) -> Past:
    return Past(number, "1", (OWNER,), Facts(Decimal(total), frozenset(), "1", frozenset(), "ada", "on"))


def test_what_would_go_another_way_is_told_with_both_ways() -> None:
    new = (
        Rule("small", amount_below=Decimal(100), automatic=True),
        Rule("rest", Decimal(100), Decimal(500), steps=OWNER.steps),
    )
    done = simulate([past("R-1", 99), past("R-2", 100), past("R-3", 500)], new, PEOPLE, PEOPLE)
    assert (done.replayed, done.automatic, done.stopped) == (3, (0, 1), (0, 1))
    assert [one.number for one in done.differences] == ["R-1", "R-3"]
    assert str(done.differences[0].before) == "“owner”: olga"
    assert str(done.differences[0].after) == "“small”: approved automatically"
    assert "No rule of the approval policy covers" in str(done.differences[1].after)


def test_another_name_of_a_rule_is_no_difference() -> None:
    assert simulate([past("R-1", 99)], (Rule("new", steps=OWNER.steps),), PEOPLE, PEOPLE).differences == ()


@pytest.mark.parametrize(("need", "told"), [("all", "olga and dora"), ("any", "olga or dora")])
def test_the_people_of_a_step_are_told_as_it_needs_them(need: str, told: str) -> None:
    rule = Rule("r", steps=(PolicyStep(("person:olga", "person:dora"), need),))
    assert str(course((rule,), past("R-1", 99).facts, PEOPLE)) == f"“r”: {told}"


def test_what_was_submitted_stays_under_its_version_and_can_be_replayed(
    sqlite_database: Database, blobs: Blobs
) -> None:
    desk = PaperDesk(sqlite_database, blobs)
    desk.ask_for_gloves()
    files = folder(desk.slug, BORDER, desk._mailbox(), {"host": "127.0.0.1", "port": 1, "tls": "none"})
    policy = files["policy.toml"].replace(b'version = "1"', b'version = "2"')
    desk.load(files | {"policy.toml": policy.replace(b"2020-01-01", b"2020-02-01").replace(b'"50"', b'"90"')})
    text = "Please order 4 boxes of copy paper A4 80 g (P-200), cost centre 4711."  # 86: automatic under version 2
    desk.receive(desk.person("ada"), "Paper", text)
    with desk.rows() as session:
        first, second = session.query(Requisition).order_by(Requisition.id)
        assert (first.state, second.state) == ("pending_approval", "ordered")
        signing = signing_of(session, first)
        assert isinstance(signing, Signing) and [one.number for one in signing.steps] == [1]
        versions = [session.get_one(Policy, one.policy_id).version for one in (first, second)]
        assert versions == ["1", "2"]
        found = list(past_of(session, desk.organisation_id, None))
        people = directory_of(session, desk.organisation_id)
        done = simulate(found, found[1].rules, people, people)
        assert [(one.number, one.version) for one in done.differences] == [(first.number, "1")]
        assert list(past_of(session, desk.organisation_id, desk.clock.forward(days=1))) == []


def test_requisitions_that_go_the_same_other_way_are_one_group_the_largest_first() -> None:
    rules = (
        Rule("small", amount_below=Decimal(100), automatic=True),
        Rule("large", amount_from=Decimal(100), steps=(PolicyStep(("person:dora",)),)),
    )
    done = simulate([past("1", 10), past("2", 500), past("3", 40), past("4", 90)], rules, PEOPLE, PEOPLE)
    many, one = grouped(done.differences)
    assert [some.number for some in many.differences] == ["1", "3", "4"]
    assert many.amounts == (Decimal(10), Decimal(90))
    assert [some.number for some in one.differences] == ["2"]
