"""Who plays in the demo: everybody has a login of their own, and shows that they are simulated."""

from dataclasses import dataclass
from email.headerregistry import Address


@dataclass(frozen=True)
class Player:
    """A simulated person and their address."""

    name: str
    email: str

    @property
    def address(self) -> Address:
        """Return what stands in From."""
        return Address(f"{self.name} (simulated)", addr_spec=self.email)


DESK = "purchasing@seeberg.example"
BORDER = "mx.seeberg.example"

MIA = Player("Mia Berger", "mia.berger@seeberg.example")
TOM = Player("Tom Osei", "tom.osei@seeberg.example")
LENA = Player("Lena Fuchs", "lena.fuchs@seeberg.example")
PAVEL = Player("Pavel Novak", "pavel.novak@seeberg.example")
JONAS = Player("Jonas Keller", "jonas.keller@seeberg.example")
RUTH = Player("Ruth Adler", "ruth.adler@seeberg.example")
HELENA = Player("Helena Brandt", "helena.brandt@seeberg.example")

SILKE = Player("Silke Ahrens", "auftrag@nordlicht.example")
JAN = Player("Jan Visser", "orders@halden.example")
ANTON = Player("Anton Kolb", "vertrieb@kolb-labor.example")
GRACE = Player("Grace Lowe", "sales@trinity-screens.example")
EVA = Player("Eva de Wit", "orders@meridian-pack.example")

STRANGER = Player("Rex Turner", "rex@bargain-toner.example")
FORGER = Player("Helena Brandt", "helena.brandt@seeberg.example")  # says who she is, and is not
NEWS = Player("Office World News", "news@office-world.example")

# Ostermann Schilder, the seventh supplier, has no mailbox: what is sent there comes back.
ACCOUNTS = (
    DESK,
    *(one.email for one in (MIA, TOM, LENA, PAVEL, JONAS, RUTH, HELENA)),
    *(one.email for one in (SILKE, JAN, ANTON, GRACE, EVA, STRANGER, NEWS)),
)
