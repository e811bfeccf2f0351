"""A TCP proxy on loopback that does one thing wrong, once, at a place that the conversation names."""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST
CONNECTED = b""  # the place before the client said anything


class Fault(StrEnum):
    """What goes wrong with a command (bytes from the client), or with the server's answer to it."""

    COMMAND_LOST = "the command is lost and both sides are reset"
    RESET_AFTER = "the command arrives and both sides are reset"
    COMMAND_SWALLOWED = "the command vanishes, the line stays open"
    ANSWER_LOST = "the server's answer is lost and the client is reset"
    ANSWER_HALVED = "half of the server's answer arrives, then the client is reset"
    ANSWER_SWALLOWED = "the server's answer vanishes, the line stays open"
    CLOSED = "the client's line is closed in order, instead of an answer"


@dataclass
class FaultProxy:
    """Forwards to the port ``target``; ``fault`` happens once, where the client's bytes match ``place``."""

    target: int
    port: int = 0
    fault: Fault | None = None
    place: bytes = CONNECTED
    happened: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, fault: Fault | None, place: bytes = CONNECTED) -> None:
        """Let ``fault`` happen at the next place that matches the regular expression ``place``."""
        self.fault, self.place, self.happened = fault, place, 0

    def serve(self, listener: socket.socket) -> None:
        """Join connections until ``listener`` is closed."""
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                _reset(client)
                continue
            line = _Line(self, client, server)
            threading.Thread(target=line.up, daemon=True).start()
            threading.Thread(target=line.down, daemon=True).start()

    def take(self, said: bytes) -> tuple[Fault, int] | None:
        """Return the planned fault and where the matching bytes begin in ``said``, if its place has come."""
        with self._lock:
            match = re.search(self.place, said, re.S) if self.fault else None
            if match is None or self.fault is None:
                return None
            fault, self.fault = self.fault, None
            self.happened += 1
            return fault, match.start()


@dataclass
class _Line:
    proxy: FaultProxy
    client: socket.socket
    server: socket.socket
    answer_fault: Fault | None = None  # set by ``up``, carried out by ``down``

    def up(self) -> None:
        """Forward what the client says, until it ends or a fault takes it away."""
        self._arm(b"", b"")
        said = b""
        while data := _read(self.client):
            said += data
            if self._arm(said, data):
                return
            if not _write(self.server, data):
                break
        _close(self.server)

    def _arm(self, said: bytes, data: bytes) -> bool:
        """Begin the fault if its place has come; return whether this direction is at its end."""
        if (taken := self.proxy.take(said)) is None:
            return False
        fault, start = taken
        before = data[: max(0, start - (len(said) - len(data)))]
        if fault in (Fault.COMMAND_LOST, Fault.COMMAND_SWALLOWED):
            _write(self.server, before)
            if fault is Fault.COMMAND_LOST:
                self._reset_both()
            return bool(said)
        if fault is Fault.RESET_AFTER:
            self.answer_fault = Fault.ANSWER_SWALLOWED
            _write(self.server, data)
            threading.Event().wait(0.05)  # let the server read it before the line breaks
            self._reset_both()
            return True
        self.answer_fault = fault
        return False

    def down(self) -> None:
        """Forward what the server says, spoilt where a fault is armed."""
        while data := _read(self.server):
            if self.answer_fault is None:
                if not _write(self.client, data):
                    break
                continue
            if self.answer_fault is Fault.ANSWER_SWALLOWED:
                continue
            if self.answer_fault is Fault.ANSWER_HALVED:
                _write(self.client, data[:2])
                threading.Event().wait(0.02)
            if self.answer_fault is Fault.CLOSED:
                break
            _reset(self.client)
            break
        _close(self.client)
        _close(self.server)

    def _reset_both(self) -> None:
        _reset(self.client)
        _reset(self.server)


def _read(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


def _write(target: socket.socket, data: bytes) -> bool:
    try:
        target.sendall(data)
    except OSError:
        return False
    return True


def _reset(line: socket.socket) -> None:
    with suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        line.shutdown(socket.SHUT_RD)  # wakes the thread that reads from it
    line.close()


def _close(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@contextmanager
def fault_proxy(target: int) -> Iterator[FaultProxy]:
    """Give a running proxy to the loopback port ``target``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = FaultProxy(target, port=listener.getsockname()[1])
        threading.Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        yield proxy
