"""A TCP proxy on loopback that counts what a server sends and cuts the line where it is told to."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_BODY = re.compile(rb"BODY\[\](?:<\d+>)? \{(\d+)\}\r\n")


@dataclass
class _Bodies:
    """Tells in what one server sends which bytes are bodies of mail."""

    said: bytes = b""  # the end of what was not a body
    to_come: int = 0  # bytes of the body that has begun

    def counted(self, data: bytes) -> int:
        """Return how many bytes of ``data``, the next of the stream, belong to bodies."""
        total = 0
        while data:
            part, data = data[: self.to_come], data[self.to_come :]
            total, self.to_come = total + len(part), self.to_come - len(part)
            text = self.said + data
            found = _BODY.search(text) if not self.to_come else None
            if found is None:
                self.said = text[-100:]
                break
            data, self.said, self.to_come = text[found.end() :], b"", int(found.group(1))
        return total


@dataclass
class CuttingProxy:
    """Forwards to ``target``; ``cuts`` are pieces of bytes: each cuts one line right after it passed down."""

    target: int
    cuts: list[bytes] = field(default_factory=list)
    received: int = 0  # bytes that the server sent
    bodies: int = 0  # those of them that are bodies of mail
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        """Accept connections until ``listener`` is closed."""
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self._up, args=(client, server), daemon=True).start()
        seen, meter = b"", _Bodies()
        while data := _read(server):
            self.received += len(data)
            self.bodies += meter.counted(data)
            seen = seen[-200:] + data
            if self.cuts and self.cuts[0] in seen:
                end = len(data) - (len(seen) - seen.index(self.cuts[0]) - len(self.cuts[0]))
                client.sendall(data[: max(end, 0)])
                self.cuts.pop(0)
                break
            try:
                client.sendall(data)
            except OSError:
                break
        _end(client)
        _end(server)

    @staticmethod
    def _up(client: socket.socket, server: socket.socket) -> None:
        while data := _read(client):
            server.sendall(data)
        _end(server)


def _end(line: socket.socket) -> None:
    """Hang up at once, also where another thread still reads from ``line``."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


def _read(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


@contextmanager
def cutting_proxy(target: int) -> Iterator[CuttingProxy]:
    """Give a running proxy to the loopback port ``target``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = CuttingProxy(target, port=listener.getsockname()[1])
        threading.Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        yield proxy
