"""What watches over the mail servers: the relay's refused logins, and the alarms that operators get."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from records.base import RowId, Work

_RAISED = text("state = 'raised'")


class Relay(Work):
    """The server through which an organisation sends (states: active, stopped); there is none before a fault.

    It is stopped after refused logins, so that the account is not locked out; ``wait_until`` is when the
    next mail may try.
    """

    __tablename__ = "relay"

    login_failures: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None] = mapped_column(default=None)

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the uniqueness of an organisation's relay."""
        return (UniqueConstraint("organisation_id"),)


class Alarm(Work):
    """Something that an operator must know about a mail server (states: raised, over); no step works on it.

    ``key`` names what is wrong with what (intake.alarms); at most one alarm is raised for it.
    """

    __tablename__ = "alarm"

    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(100))
    about: Mapped[str]  # e.g. mailbox purchasing
    detail: Mapped[str]
    about_table: Mapped[str] = mapped_column(String(40))
    about_id: Mapped[int] = mapped_column(RowId)
    over_at: Mapped[datetime | None] = mapped_column(default=None)

    @classmethod
    def own_arguments(cls) -> tuple[Any, ...]:
        """Return the key that keeps an alarm from being raised twice."""
        return (
            Index(
                "uq_alarm_raised",
                "organisation_id",
                "key",
                unique=True,
                sqlite_where=_RAISED,
                postgresql_where=_RAISED,
            ),
        )
