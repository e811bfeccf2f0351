"""The documents of a mail as pages: pictures with the places of values and words, drawn once and kept for a while."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parsers.child import explain_in_child
from parsers.explain import ShownPage
from records.blobs import Blobs
from records.tables import Document

KEPT = 12  # documents whose pages stay in memory


@dataclass(frozen=True)
class Paper:
    """A document as it is shown; without pages there is only its name, and why."""

    pages: tuple[ShownPage, ...]
    why: str = ""


@dataclass
class Papers:
    """The documents that were shown of late."""

    blobs: Blobs
    _kept: "OrderedDict[tuple[str, str], Paper]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def paper(self, document: Document, evidence: Mapping[str, Any]) -> Paper:
        """Return ``document`` as pages with the places that ``evidence`` (of the whole mail) names in it."""
        marks = _of_document(document, evidence)
        key = document.sha256, json.dumps(marks, sort_keys=True)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        paper = self._drawn(document, marks)
        with self._lock:
            self._kept[key] = paper
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return paper

    def _drawn(self, document: Document, marks: Mapping[str, Any] | None) -> Paper:
        data = self.blobs.get(document.sha256)
        explained = explain_in_child(data, document.name, document.media_type, marks)
        why = next((one.detail for one in explained.reading.problems), "")
        return Paper(explained.pages, why if not explained.pages else "")


def _of_document(document: Document, evidence: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what of a mail's evidence stands in this document; None: what is found in it anew."""
    own = {
        at: {name: value for name, value in told.items() if name != "part"}
        for at, told in evidence.items()
        if told.get("part") == document.part
    }
    return own or None
