"""Refused logins at the relay: after three of them nothing is sent through it until it lets us in again.

All mail of the organisation waits meanwhile, and one exception tells an operator. Its release makes the step
``try_relay`` log in once; where that succeeds, everything that waits is sent.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dispatch.smtp import conversation
from dispatch.smtp_relay import RelayError, login_of, relay_from
from intake.refusals import LOGIN_RETRY, LOGIN_TRIES, LoginRefusedError, ThrottledError
from intake.tokens import ExtraMissingError
from records import exceptions
from records.audit import record
from records.base import utc_now
from records.flow import Done, Hold, Keep, Progress, Wait
from records.problems import Code, Problem
from records.secret import SecretMissingError
from records.tables import Organisation, Outbound, Relay

OPERATOR = "operator"
STEP = "try_relay"
LOOK_AGAIN = timedelta(minutes=15)  # how soon mail looks whether a stopped relay is open again
WAITING = ("queued", "deferred", "sending")


def closed_until(session: Session, organisation_id: int, now: datetime) -> datetime | None:
    """Return when a mail may try again; None: the relay is open."""
    row = _row(session, organisation_id)
    if row is None:
        return None
    if row.state == "stopped":
        return now + LOOK_AGAIN
    return row.wait_until if row.wait_until and row.wait_until > now else None


def login_refused(session: Session, organisation_id: int, error: LoginRefusedError, now: datetime) -> Wait:
    """Count a refused login; the last one that may be stops the relay and tells an operator once."""
    row = _locked(session, organisation_id)
    row.login_failures += 1
    row.wait_until = now + LOGIN_RETRY
    if row.login_failures >= LOGIN_TRIES and row.state == "active":
        row.state = "stopped"
        record(session, row, "moved", "step:send", old="active", new="stopped")
        exceptions.hold(session, row, STEP, (_refusal(row, error),), OPERATOR)
    return Wait(row.wait_until)


def login_accepted(session: Session, organisation_id: int) -> None:
    """Forget refused logins, because one was accepted."""
    row = _row(session, organisation_id)
    if row is not None and row.login_failures:
        row.login_failures, row.wait_until = 0, None


def try_relay(session: Session, row: Relay, *, clock: Callable[[], datetime] = utc_now) -> Progress:
    """Log in at a stopped relay once; where it lets us in, all mail that waits is due."""
    smtp = session.get_one(Organisation, row.organisation_id).smtp
    try:
        relay = relay_from(smtp)
        login = login_of(relay)
        yield Keep()
        with conversation(relay, login) as talk:
            talk.quit()
    except LoginRefusedError as error:
        row.login_failures += 1
        return Hold((_refusal(row, error),), OPERATOR)
    except ThrottledError as error:
        return Wait(clock() + error.delay)
    except (RelayError, SecretMissingError, ExtraMissingError) as error:
        return Hold((Problem(Code.GAVE_UP, f"The mail relay cannot be used: {error}."),), OPERATOR)
    row.login_failures, row.wait_until = 0, None
    waiting = update(Outbound).where(
        Outbound.organisation_id == row.organisation_id,
        Outbound.state.in_(WAITING),
        Outbound.due_at.is_not(None),
    )
    session.execute(waiting.values(due_at=clock()))
    return Done("active")


def _refusal(row: Relay, error: LoginRefusedError) -> Problem:
    detail = (
        f"The mail relay refused our login {row.login_failures} times ({error}). Sending has stopped so that the "
        "account is not locked; mail waits. Mend the password or token, then release this."
    )
    return Problem(Code.GAVE_UP, detail)


def _row(session: Session, organisation_id: int) -> Relay | None:
    return session.scalars(select(Relay).where(Relay.organisation_id == organisation_id)).one_or_none()


def _locked(session: Session, organisation_id: int) -> Relay:
    """Return the organisation's relay row, made where there is none, locked until the transaction ends."""
    found = select(Relay).where(Relay.organisation_id == organisation_id).with_for_update()
    row = session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if row is not None:
        return row
    try:
        with session.begin_nested():
            session.add(Relay(organisation_id=organisation_id, state="active", due_at=None))
    except IntegrityError:
        pass  # another worker made it at the same moment
    return session.scalars(found.execution_options(populate_existing=True)).one()
