"""Keep what is committed and spent of budgets and contracts in step with the requisitions (Drawing).

A requisition's entries are put in when it is submitted, turn from committed to spent as far as its orders are
billed, and are taken out, or what is left of them, once it has moved on. That is found through an index before
anything is read, so no other step needs to know of it.
The caller holds the organisation's row locked.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from procurement.drawing import COMMITTED, SPENT, Entry, parts, standing_of
from procurement.states import REQUISITION
from records.tables import Drawing, Organisation, Requisition

_STATES = frozenset(REQUISITION).union(*REQUISITION.values())
_NOT_COMMITTED = sorted(_STATES - set(COMMITTED))
_NOT_SPENT = sorted(_STATES - set(SPENT))


def draw(session: Session, requisition: Requisition, entries: Sequence[Entry]) -> None:
    """Count a requisition that is being submitted as committed."""
    requisition.drawn, requisition.drawings = "committed", [list(entry) for entry in entries]
    _count(session, requisition, 1)


def settle_drawings(session: Session, organisation_id: int) -> None:
    """Bring what is counted in step with the states of the requisitions that have moved since.

    One that another transaction works on at this moment is left for the next time: it still counts.
    """
    moved = (
        select(Requisition)
        .where(
            Requisition.organisation_id == organisation_id,
            or_(
                (Requisition.drawn == "committed") & Requisition.state.in_(_NOT_COMMITTED),
                (Requisition.drawn == "spent") & Requisition.state.in_(_NOT_SPENT),
            ),
        )
        .with_for_update(skip_locked=True)
    )
    for requisition in session.scalars(moved).all():
        _count(session, requisition, -1)
        requisition.drawn = standing_of(requisition.state)
        _count(session, requisition, 1)


def spend(session: Session, requisition: Requisition, share: Decimal) -> None:
    """Turn ``share`` of what ``requisition`` drew from committed to spent, in place of what was before."""
    if share == requisition.billed_share:
        return
    session.execute(select(Organisation.id).where(Organisation.id == requisition.organisation_id).with_for_update())
    _count(session, requisition, -1)
    requisition.billed_share = share
    _count(session, requisition, 1)


def drawn_on(
    session: Session,
    organisation_id: int,
    kind: str,
    key: str,
    account: str = "",
    days: tuple[date, date] = (date.min, date.max),
) -> tuple[Decimal, Decimal]:
    """Return what is committed and what is spent of a budget or contract on ``days`` (both included).

    ``account`` "" stands for all accounts.
    """
    sums = func.coalesce(func.sum(Drawing.committed), 0), func.coalesce(func.sum(Drawing.spent), 0)
    found = select(*sums).where(
        Drawing.organisation_id == organisation_id,
        Drawing.kind == kind,
        Drawing.key == key,
        Drawing.day.between(*days),
    )
    if account:
        found = found.where(Drawing.account == account)
    committed, spent = session.execute(found).one()
    return Decimal(int(committed)) / 100, Decimal(int(spent)) / 100


def _count(session: Session, requisition: Requisition, sign: int) -> None:
    """Put in (1) or take out (-1) the entries of ``requisition`` as it is drawn and billed now."""
    if requisition.drawn is None:
        return
    for kind, key, account, day, total in requisition.drawings:
        place = {"organisation_id": requisition.organisation_id, "kind": kind, "key": key, "account": account}
        place["day"] = date.fromisoformat(day)
        committed, spent = parts(total, requisition.billed_share, is_over=requisition.drawn == "spent")
        counted = {"committed": Drawing.committed + sign * committed, "spent": Drawing.spent + sign * spent}
        changed = update(Drawing).filter_by(**place).values(counted)
        if session.connection().execute(changed).rowcount == 0:
            session.execute(insert(Drawing).values(**place, committed=sign * committed, spent=sign * spent))
