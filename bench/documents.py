"""What reading documents costs beside the bare libraries, and whether both see the same words.

``python -m bench.documents [SEEDS]``: made-up papers in twelve languages, SEEDS of each (2 by default), or all
PDFs of the corpus beside the project with ``--corpus``. Engines take turns in one process; CPU seconds.
"""

import io
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pdfplumber
import pypdfium2

from parsers.assemble import read_pages
from parsers.child import read_in_child, stop_worker
from parsers.child_worker import CPU_SECONDS
from parsers.formats.pdf import read_pdf

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "documents" / "visible"
GOAL = 8.0


def main(arguments: Sequence[str]) -> int:
    """Print the table of costs; return 1 where the goal against pdfplumber is missed or words are lost."""
    documents = corpus() if "--corpus" in arguments else papers(int(arguments[0]) if arguments else 2)
    if not documents:
        print("There are no documents to measure.")
        return 0
    bare, ours, whole, reference = (cost(read, documents) for read in (_bare_text, read_pdf, _whole, _pdfplumber))
    print(f"{len(documents)} documents; CPU milliseconds each")
    rows = (("PDFium text alone", bare), ("our words and rulings", ours), ("the whole Reading", whole))
    for name, seconds in (*rows, ("pdfplumber words and tables", reference)):
        print(
            f"  {name:28s}{1000 * seconds / len(documents):8.1f}   {reference / seconds:5.1f}x faster than pdfplumber"
        )
    single = [data for data in documents if _pages(data) == 1]
    if single:
        times = cost(_whole, single) / cost(read_pdf, single)
        print(f"  one page: the whole Reading costs {times:.1f}x of its page model")
    lost = sum(_lost(data) for data in documents)
    print(f"  words that pdfplumber sees and we do not: {lost}")
    print(f"  the child process adds {1000 * _child_cost(documents[:20]):.1f} ms of waiting to a document")
    _print_price_list()
    _print_start()
    return int(reference / ours < GOAL or lost > 0)


def papers(seeds: int) -> list[bytes]:
    """Return made-up invoices and answers in every language."""
    from tests.parsers.paper import LANGUAGES, paper

    return [paper(c, kind, s).pdf for c in LANGUAGES for kind in ("invoice", "order_response") for s in range(seeds)]


def corpus() -> list[bytes]:
    """Return the PDFs of the corpus beside the project, empty where there is none."""
    return [path.read_bytes() for path in sorted(CORPUS.glob("*.pdf"))]


def cost(read: Callable[[bytes], Any], documents: Sequence[bytes]) -> float:
    """Return the CPU seconds of reading ``documents``, all of them read before to warm up."""
    for data in documents:
        read(data)
    start = time.process_time()
    for data in documents:
        read(data)
    return time.process_time() - start


def _pages(data: bytes) -> int:
    document = pypdfium2.PdfDocument(data)
    try:
        return len(document)
    finally:
        document.close()


def _bare_text(data: bytes) -> None:
    document = pypdfium2.PdfDocument(data)
    for page in document:
        page.get_textpage().get_text_range()
    document.close()


def _whole(data: bytes) -> None:
    read_pages(read_pdf(data).pages)


def _pdfplumber(data: bytes) -> None:
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_words()
            page.extract_tables()


def _lost(data: bytes) -> int:
    """Return how many letters and digits pdfplumber sees that we neither read nor tell as unseen or cut off."""
    content = read_pdf(data)
    ours = _letters(" ".join((*(word.text for page in content.pages for word in page.words), *content.cut)))
    with pdfplumber.open(io.BytesIO(data)) as document:
        upright = (c["text"] for page in document.pages for c in page.chars if c["upright"])
        told = _letters(" ".join(upright))
    return 0 if content.hidden else max(0, len(told) - len(ours) - len(told) // 100)


def _print_price_list(pages: int = 200, rows: int = 45) -> None:
    """Print what a long price list takes of the time that the child process may use."""
    from tests.parsers.paper import print_pdf

    body = "".join(f"<tr><td>A-{n}</td><td>Pen {n}</td><td>10</td><td>1.50</td></tr>" for n in range(pages * rows))
    head = "<thead><tr><th>Item no.</th><th>Description</th><th>Qty</th><th>Unit price</th></tr></thead>"
    style = "<style>td,th{font-size:9pt;line-height:14pt;padding:0}table{width:100%;table-layout:fixed}</style>"
    data = print_pdf(f"{style}<h1>Quotation</h1><table>{head}<tbody>{body}</tbody></table>")
    start = time.perf_counter()
    reading = read_in_child(data)
    seconds = time.perf_counter() - start
    stop_worker()
    share = f"{seconds / CPU_SECONDS:.0%} of the time it may take"
    print(f"  a price list of {pages * rows} lines: {len(reading.lines)} lines read in {seconds:.1f} s, {share}")


def _print_start() -> None:
    """Print what ``buydesk parse`` takes on one text mail beside importing every library of formats."""
    mail = b"From: a@firm.example\nSubject: order\n\nPlease order 5 pens.\n"
    with NamedTemporaryFile(suffix=".eml") as file:
        file.write(mail)
        file.flush()
        parsed = _seconds("-m", "buydesk.cli", "parse", "--jsonl", file.name)
    everything = _seconds(
        "-c", "import pypdfium2, pdfplumber, lxml.html, docx, python_calamine, PIL.Image, buydesk.cli"
    )
    print(f"  parse on a text mail takes {parsed / everything:.2f} of importing everything ({parsed:.2f} s)")


def _seconds(*arguments: str) -> float:
    """Return the shortest of three runs of Python with ``arguments``."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _child_cost(documents: Sequence[bytes]) -> float:
    read_in_child(documents[0])
    start = time.perf_counter()
    for data in documents:
        read_in_child(data)
    inside = time.perf_counter()
    for data in documents:
        _whole(data)
    stop_worker()
    return ((inside - start) - (time.perf_counter() - inside)) / len(documents)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
