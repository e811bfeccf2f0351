"""An IMAP server that says what a test wants, for answers that no server here gives of its own accord."""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

CAPABILITY = "* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done"


@contextmanager
def scripted_imap(
    answers: Mapping[str, str], greeting: str = "* OK ready", heard: list[str] | None = None
) -> Iterator[int]:
    """Give the port of a server on loopback that answers commands by their first matching beginning.

    In an answer ``TAG`` stands for the command's tag; "" hangs up. Commands without an answer are OK.
    ``heard`` gets every command without its tag.
    """
    script = {**answers, "CAPABILITY": answers.get("CAPABILITY", CAPABILITY)}

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(greeting.encode() + b"\r\n")
            for line in self.rfile:
                tag, _, command = line.decode().strip().partition(" ")
                if heard is not None:
                    heard.append(command)
                found = [text for start, text in script.items() if command.upper().startswith(start)]
                answer = found[0] if found else "TAG OK done"
                if not answer:
                    return
                self.wfile.write(answer.replace("TAG", tag).encode() + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
