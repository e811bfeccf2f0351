"""Outlook messages written as OLE compound files, small enough to be made in a test."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Tree = Mapping[str, "bytes | Tree"]


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    child: int = FREE
    right: int = FREE
    start: int = END


@dataclass
class _Chains:
    """Sectors of one size with the table that chains them."""

    size: int
    body: bytearray = field(default_factory=bytearray)
    table: list[int] = field(default_factory=list)

    def add(self, data: bytes) -> int:
        count = -(-len(data) // self.size)
        start = len(self.table)
        self.table += [*range(start + 1, start + count), END] if count else []
        self.body += data.ljust(count * self.size, b"\0")
        return start if count else END


def compound(tree: Tree) -> bytes:
    """Return a compound file that holds ``tree``: names with their bytes, or with a storage of further names."""
    entries = [_Entry("Root Entry", 5)]
    entries[0].child = _place(tree, entries)
    mini, whole = _Chains(MINI), _Chains(SECTOR)
    for entry in entries:
        if entry.kind == 2:
            entry.start = (mini if len(entry.data) < CUTOFF else whole).add(entry.data)
    entries[0].data, entries[0].start = bytes(mini.body), whole.add(bytes(mini.body))
    mini_table = whole.add(_words(mini.table))
    directory = whole.add(b"".join(map(_directory_entry, entries)))
    fats = -(-(len(whole.table) + 1) // 127)
    whole.table += [FAT] * fats
    table = _words([*whole.table, *[FREE] * (128 * fats - len(whole.table))])
    first = len(whole.table) - fats
    head = struct.pack(
        "<8s16xHHHHH6x9I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        fats,
        directory,
        0,
        CUTOFF,
        mini_table,
        -(-len(mini.table) // 128),
        END,
        0,
    )
    shares = struct.pack("<109I", *[first + n for n in range(fats)], *[FREE] * (109 - fats))
    return head + shares + bytes(whole.body) + table


def _place(tree: Tree, entries: list[_Entry]) -> int:
    """Add the entries of one storage, each linked to the next; return the first one's number."""
    numbers = []
    for name in sorted(tree, key=lambda n: (len(n), n.upper())):
        content = tree[name]
        numbers.append(len(entries))
        if isinstance(content, bytes):
            entries.append(_Entry(name, 2, content))
        else:
            entries.append(_Entry(name, 1))
            entries[numbers[-1]].child = _place(content, entries)
    for one, other in pairwise(numbers):
        entries[one].right = other
    return numbers[0] if numbers else FREE


def _directory_entry(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    shape = struct.pack("<HBBIII", len(name), entry.kind, 1, FREE, entry.right, entry.child)
    return name.ljust(64, b"\0") + shape + bytes(36) + struct.pack("<IQ", entry.start, len(entry.data))


def _words(numbers: Sequence[int]) -> bytes:
    data = struct.pack(f"<{len(numbers)}I", *numbers)
    return data + b"\xff" * (-len(data) % SECTOR)


def outlook_message(subject: str, sender: str, body: str, attachments: Mapping[str, bytes]) -> bytes:
    """Return a .msg file of one mail."""
    tree: dict[str, bytes | Tree] = dict(_properties({0x0037: subject, 0x0C1F: sender, 0x1000: body}, bytes(32)))
    for number, (name, data) in enumerate(attachments.items()):
        stored = dict(_properties({0x3707: name, 0x370E: "text/csv", 0x3701: data}, bytes(8)))
        tree[f"__attach_version1.0_#{number:08X}"] = stored
    return compound(tree)


def _properties(values: Mapping[int, str | bytes], head: bytes) -> Iterator[tuple[str, bytes]]:
    rows = b""
    for key, value in values.items():
        kind = 0x1F if isinstance(value, str) else 0x102
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        rows += struct.pack("<HHIII", kind, key, 6, len(data) + 2 * (kind == 0x1F), 0)
        yield f"__substg1.0_{key:04X}{kind:04X}", data
    yield "__properties_version1.0", head + rows
