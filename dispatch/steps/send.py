"""The steps that send the outbox, and settle what became of a mail when nobody was there to see it.

``send`` works on rows in ``queued``, ``deferred`` and ``sending``: what was interrupted before the final
dot was never handed over and is simply sent. The move to ``handing_over`` is durable before the dot goes
out; whoever finds a row there later cannot know, and a person decides (dispatch.steps.decide).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.outbox import check_sendable, retry_after
from dispatch.smtp import Answer, Verdict, conversation
from dispatch.smtp_relay import Relay, login_of, relay_from
from dispatch.steps import relay as relays
from intake.refusals import LoginRefusedError, ThrottledError
from intake.tokens import Credential
from records.base import utc_now
from records.blobs import Blobs
from records.flow import Done, Hold, Keep, Outcome, Progress, Wait
from records.problems import Code, Problem
from records.tables import Organisation, Outbound

OPERATOR = "operator"
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class _Letter:
    """What is needed to send one row, read before the network is touched."""

    kind: str
    message_id: str
    sender: str
    recipient: str
    raw_sha256: str
    relay: Relay
    login: Credential | None = field(repr=False)


def send(session: Session, outbound: Outbound, *, blobs: Blobs, clock: Clock = utc_now) -> Progress:
    """Hand the mail's stored bytes to the relay; the server's answer decides the state.

    Accepted: sent. Refused for now: deferred by schedule, at its end failed. Refused: failed, and an
    exception tells somebody. No answer to the final dot: uncertain. What goes wrong before the dot rises,
    and the row is tried again. Bytes that are damaged or not what the row says never go out. While the relay
    refuses our login the mail waits (dispatch.steps.relay).
    """
    if until := relays.closed_until(session, outbound.organisation_id, clock()):
        return Wait(until)
    letter = _letter(session, outbound)
    yield Keep()
    raw = blobs.get(letter.raw_sha256)
    check_sendable(raw, letter.kind, letter.recipient, letter.message_id)
    try:
        return (yield from _hand_over(session, outbound, letter, raw, clock))
    except LoginRefusedError as error:
        return relays.login_refused(session, outbound.organisation_id, error, clock())
    except ThrottledError as error:
        return Wait(clock() + error.delay)


def _hand_over(session: Session, outbound: Outbound, letter: _Letter, raw: bytes, clock: Clock) -> Progress:
    with conversation(letter.relay, letter.login) as talk:
        if letter.relay.username:
            relays.login_accepted(session, outbound.organisation_id)
        yield Done("sending")
        refused = talk.refusal(letter.sender, letter.recipient, len(raw))
        if refused:
            talk.quit()
            return _refused(outbound, refused, clock())
        talk.body(raw)
        yield Done("handing_over")
        answer = talk.finish()
        if answer.verdict is not Verdict.NO_ANSWER:
            talk.quit()
    if answer.verdict is Verdict.ACCEPTED:
        return _sent(outbound, answer, clock())
    if answer.verdict in (Verdict.TEMPORARY, Verdict.PERMANENT):
        return _refused(outbound, answer, clock())
    outbound.reply = str(answer)
    return uncertain(outbound)


def settle_uncertain(session: Session, outbound: Outbound) -> Hold:
    """Move a mail that was left in ``handing_over`` to ``uncertain`` and ask an operator."""
    outbound.reply = "the sending process ended before the server's answer was recorded"
    return uncertain(outbound)


def _letter(session: Session, outbound: Outbound) -> _Letter:
    """Return what the row and its organisation say; raises RelayError or SecretMissingError."""
    relay = relay_from(session.get_one(Organisation, outbound.organisation_id).smtp)
    return _Letter(
        kind=outbound.kind,
        message_id=outbound.message_id,
        sender=outbound.sender,
        recipient=outbound.recipient,
        raw_sha256=outbound.raw_sha256,
        relay=relay,
        login=login_of(relay),
    )


def _sent(outbound: Outbound, answer: Answer, now: datetime) -> Done:
    outbound.reply, outbound.sent_at = str(answer), now
    return Done("sent")


def _refused(outbound: Outbound, answer: Answer, now: datetime) -> Outcome:
    outbound.reply = str(answer)
    later = None
    if answer.verdict is Verdict.TEMPORARY:
        outbound.tries += 1
        later = retry_after(outbound.tries)
    if later:
        return Done("deferred", now + later)
    how = "refused it" if answer.verdict is Verdict.PERMANENT else "put it off too often"
    detail = f"The mail to {outbound.recipient} was not sent: the mail server {how} ({answer})."
    return Hold((Problem(Code.BOUNCED, detail),), OPERATOR, state="failed")


def uncertain(outbound: Outbound) -> Hold:
    """Return that an operator must find out whether ``outbound`` arrived."""
    detail = (
        f"Nobody knows whether the mail to {outbound.recipient} arrived: {outbound.reply}. Look for "
        f"{outbound.message_id} at the mail server or ask the recipient, then decide."
    )
    return Hold((Problem(Code.DELIVERY_UNCERTAIN, detail),), OPERATOR, state="uncertain")
