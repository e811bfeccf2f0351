"""What a person waits for as the history grows: the queue, the lists, the account of the mail, and the metrics.

Prints milliseconds (the median of several runs, interleaved between the sizes) with 1,000 mails and with
--mails of them (1,000,000), and the ratio. Everything but the account, which counts, should stay near 1.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy.orm import Session

from bench.history import make_history
from records.base import utc_now
from records.database import Database
from web.desk import lists
from web.desk.accounting import accounts
from web.desk.metrics import metrics
from web.desk.paging import Asked
from web.desk.queue import Wanted, most_urgent, waiting

RUNS = 15
SMALL = 1000
REASON = "PRICE_MISMATCH"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1_000_000)
    parser.add_argument("--exceptions", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = {"small": (SMALL, SMALL // 10), "large": (options.mails, options.exceptions)}
        desks = {}
        for name, size in sizes.items():
            database = Database(f"sqlite:///{Path(folder) / name}.db")
            desks[name] = database, make_history(database, *size)
        _compare(desks)
        for database, _ in desks.values():
            database.close()


def _compare(desks: dict[str, tuple[Database, int]]) -> None:
    for what, act in _measured().items():
        spent: dict[str, list[float]] = {name: [] for name in desks}
        for _ in range(RUNS):
            for name, (database, organisation_id) in desks.items():
                with database.read() as session:
                    begun = time.perf_counter()
                    act(session, organisation_id)
                    spent[name].append(time.perf_counter() - begun)
        small, large = (1000 * median(spent[name]) for name in desks)
        print(f"{what:32} {small:8.2f} ms {large:8.2f} ms {large / small:6.2f}x")


def _measured() -> dict[str, Callable[[Session, int], object]]:
    return {
        "newest mails": lambda session, own: lists.messages(session, own, Asked()),
        "mails of a sender": lambda session, own: lists.messages(session, own, Asked("writer7@bench.example")),
        "mails in one state, page 2": lambda session, own: lists.messages(
            session, own, Asked(state="filed", after="900")
        ),
        "exception queue": lambda session, own: waiting(session, [own], Wanted(), utc_now()),
        "exception queue, one reason": lambda session, own: waiting(session, [own], Wanted(code=REASON), utc_now()),
        "exception queue, the buyer's": lambda session, own: waiting(session, [own], Wanted(owner="buyer"), utc_now()),
        "the most urgent exception": lambda session, own: most_urgent(session, [own], Wanted(), utc_now()),
        "account of the mailboxes": lambda session, own: accounts(session, own),
        "metrics": lambda session, own: metrics(session, utc_now()),
    }


if __name__ == "__main__":
    main()
