"""The simulated people at their mailboxes: what came in is read by IMAP and answered by SMTP."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage

from buydesk.demo import answers
from buydesk.demo.answers import Habit, Now
from buydesk.demo.calendar import calendar_of
from buydesk.demo.letters import own_words
from buydesk.demo.mail_server import MailServer
from buydesk.demo.people import DESK, FORGER, HELENA, Player
from buydesk.demo.postbox import Postbox, send_as_a_stranger
from buydesk.demo.requests import Post

LONGEST = 160  # characters of an answer that are shown


@dataclass(frozen=True)
class Cast:
    """Everybody of ``habits`` on ``server``; ``tell`` is told each mail that somebody sends, as a sentence."""

    server: MailServer
    tell: Callable[[str], None]
    habits: Mapping[Player, Habit] = field(default_factory=answers.habits)

    def post(self, mail: Iterable[Post]) -> None:
        """Send what people ask for to the desk."""
        for one in mail:
            Postbox(self.server, one.sender.email).send(one.mail.as_bytes(), DESK)
            self.tell(f"{one.sender.name} writes “{one.mail['Subject']}”{_attached(one.mail)}")

    def answer(self) -> int:
        """Let everybody read their new mail and answer it; return how many mails they sent."""
        return sum(self._answer(player, habit) for player, habit in self.habits.items())

    def _answer(self, player: Player, habit: Habit) -> int:
        postbox, sent = Postbox(self.server, player.email), 0
        for mail in postbox.new_mail():
            now = Now(calendar_of(_now()), _now())
            if player is HELENA and answers.asks_for_decision(mail):
                forged = answers.forged_approval(mail, now)
                send_as_a_stranger(self.server, "nobody@elsewhere.example", forged.as_bytes(), DESK)
                self.tell(f"somebody else writes in the name of {FORGER.name}: “Approved.”")
                sent += 1
            if answer := habit(mail, now):
                postbox.send(answer.as_bytes(), DESK)
                self.tell(f"{player.name} answers: “{_opening(answer)}”{_attached(answer)}")
                sent += 1
        return sent


def _opening(mail: EmailMessage) -> str:
    """Return the first words of an answer."""
    text = own_words(mail)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _attached(mail: EmailMessage) -> str:
    names = [part.get_filename() or "a file" for part in mail.iter_attachments()]
    return f" with {', '.join(names)}" if names else ""


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
