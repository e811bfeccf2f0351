"""How much hostile files delay the good documents between which they come.

``python -m bench.hostile``: two processes take turns at one queue of 40 good documents, first alone, then with a
file made to do harm before every second of them; prints the median and the worst delay of the good ones.
"""

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import median

from bench.documents import papers
from parsers.child import read_in_child
from tests.parsers.test_hostile import FILES

GOOD = 40
GOAL = 2.0


def main() -> int:
    """Print the delays and their ratios; return 1 where the median is missed."""
    good = (papers(2) * 2)[:GOOD]
    bad = [make() for make in FILES.values()]
    mixed = [thing for n, data in enumerate(good) for thing in ((bad[n // 2 % len(bad)], False), (data, True))[n % 2 :]]
    alone, beside = delays([(data, True) for data in good]), delays(mixed)
    for name, of in (("median", median), ("worst", max)):
        print(f"{name} delay of a good document: {of(alone):.3f} s alone, {of(beside):.3f} s beside hostile ones,")
        print(f"  {of(beside) / of(alone):.1f} times")
    return int(median(beside) > GOAL * median(alone))


def delays(queue: Sequence[tuple[bytes, bool]]) -> list[float]:
    """Return the seconds from being taken to being read of each good document in ``queue``."""
    first = [data for data, is_good in queue if is_good][:3]
    with ProcessPoolExecutor(2, initializer=_start, initargs=(first,)) as workers:
        found = list(workers.map(_read, queue))
    return [seconds for (_, is_good), seconds in zip(queue, found, strict=True) if is_good]


def _start(good: Sequence[bytes]) -> None:
    """Start what reads: that is no delay of a document."""
    for data in good:
        read_in_child(data)
    time.sleep(1)  # until the standby has loaded everything


def _read(document: tuple[bytes, bool]) -> float:
    start = time.perf_counter()
    read_in_child(document[0])
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
