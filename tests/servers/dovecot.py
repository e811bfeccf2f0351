"""A real Dovecot for tests: loopback only, unprivileged, TLS by a throwaway authority, in its own folder.

``start_dovecot`` gives a running server; any user name logs in with the password ``PASSWORD`` and has an
empty INBOX of its own, so that one server serves a whole test run (fixture ``dovecot``).
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.certificates import make_certificates

PASSWORD = "secret"
START_SECONDS = 20

CONFIGURATION = """\
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
login_trusted_networks = 127.0.0.0/8
mail_location = maildir:{folder}/home/%u/Maildir
mail_max_userip_connections = 50
mailbox_list_index = no
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
{extra}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class DovecotMissingError(RuntimeError):
    """Raised where Dovecot cannot run; the message says why."""


@dataclass
class Dovecot:
    """A running server: ``address`` with ``imap_port`` (plain and STARTTLS) and ``imaps_port`` (TLS)."""

    folder: Path
    process: subprocess.Popen[bytes]
    imap_port: int
    imaps_port: int
    ca_file: str
    address: str = "127.0.0.1"
    password: str = PASSWORD

    def account(self, user: str, **changes: object) -> dict[str, object]:
        """Return the Mailbox.config of ``user`` over TLS; the password is in the folder's file."""
        return {
            "address": f"{user}@desk.example",
            "host": self.address,
            "port": self.imaps_port,
            "tls": "implicit",
            "ca_file": self.ca_file,
            "username": user,
            "password": f"file:{self.folder / 'password'}",
            "poll_seconds": 1,
            **changes,
        }

    @contextmanager
    def client(self, user: str, folder: str | None = None) -> Iterator[IMAPClient]:
        """Give a client of ``user`` as a person would use one, with ``folder`` selected."""
        client = IMAPClient(self.address, port=self.imap_port, ssl=False, timeout=30)
        try:
            client._imap.debug = 0
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.login(user, PASSWORD)
            if folder:
                client.select_folder(folder)
            yield client
        finally:
            client.shutdown()

    def deliver(self, user: str, *mails: bytes, folder: str = "INBOX", received_at: datetime | None = None) -> None:
        """Put ``mails`` into the user's folder, in order."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for mail in mails:
                client.append(folder, mail, msg_time=received_at)

    def contents(self, user: str, folder: str = "INBOX") -> dict[int, bytes]:
        """Return the bytes of every mail in the user's folder by UID; empty if there is no such folder."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                return {}
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
        return {uid: values[b"BODY[]"] for uid, values in found.items()}

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, tuple[bytes, ...]]:
        """Return the flags of every mail in the user's folder by UID."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["FLAGS"])
        return {uid: values[b"FLAGS"] for uid, values in found.items()}

    def expunge(self, user: str, *uids: int, folder: str = "INBOX") -> None:
        """Remove mails as a person would who deletes them for good."""
        with self.client(user, folder) as client:
            client.delete_messages(list(uids))
            client.uid_expunge(list(uids))

    def kick(self, user: str) -> None:
        """Drop all sessions of ``user``."""
        self._doveadm("kick", user, check=False)

    def change_uidvalidity(self, user: str) -> None:
        """Lose the user's UIDs, as a restored mailbox does: they restart at 1 under a new UIDVALIDITY."""
        self._restart_uids(user, self._uidvalidity(user) + 1)

    def reuse_uids(self, user: str) -> None:
        """Let the user's UIDs restart at 1 under the UIDVALIDITY they had: what a server must never do."""
        self._restart_uids(user, self._uidvalidity(user))

    def _uidvalidity(self, user: str) -> int:
        with self.client(user) as client:
            return int(client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"])

    def _restart_uids(self, user: str, uidvalidity: int) -> None:
        self.kick(user)
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            (self.maildir(user) / name).unlink(missing_ok=True)
        self._doveadm("mailbox", "update", "-u", user, "--uid-validity", str(uidvalidity), "INBOX")

    def recreate(self, user: str) -> None:
        """Remove the user's whole mail store; the next login finds an empty INBOX."""
        self.kick(user)
        time.sleep(1.1)  # Dovecot takes the second of the clock for the new UIDVALIDITY
        shutil.rmtree(self.maildir(user))

    def maildir(self, user: str) -> Path:
        """Return where the user's mail lies."""
        return self.folder / "home" / user / "Maildir"

    def _doveadm(self, *arguments: str, check: bool = True) -> None:
        command = ["doveadm", "-c", str(self.folder / "dovecot.conf"), *arguments]
        subprocess.run(command, check=check, capture_output=True, cwd="/")

    def pause(self) -> None:
        """Stop the server's processes where they stand: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        """Signal the master and every process that it started."""
        for pid in [self.process.pid, *_children(self.process.pid)]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_dovecot(separator: str = "/", prefix: str = "", extra: str = "") -> Dovecot:
    """Start a server and return it; raises DovecotMissingError.

    ``separator`` and ``prefix`` shape the names of folders; ``extra`` is further configuration
    (``imap_capability = ...`` takes abilities away).
    """
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    if not Path(program).exists():
        raise DovecotMissingError("Dovecot is not installed (on Debian: the package dovecot-imapd)")
    user, runner = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="buydesk-dovecot-"))
    made = make_certificates(folder)
    (folder / "password").write_text(PASSWORD)
    (folder / "home").mkdir()
    imap_port, imaps_port = free_port(), free_port()
    settings = {"folder": folder, "user": user.pw_name, "group": _group_name(user), "uid": user.pw_uid}
    settings |= {"gid": user.pw_gid, "password": PASSWORD, "separator": separator, "prefix": prefix}
    settings |= {"imap_port": imap_port, "imaps_port": imaps_port, "extra": extra}
    (folder / "dovecot.conf").write_text(CONFIGURATION.format(**settings))
    folder.chmod(0o755)
    if os.getuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, user.pw_uid, user.pw_gid)
    process = subprocess.Popen(
        [*runner, program, "-F", "-c", str(folder / "dovecot.conf")],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Dovecot(folder, process, imap_port, imaps_port, str(made.ca_file))
    _wait_until_ready(server)
    return server


def free_port() -> int:
    """Return a TCP port that is free on loopback now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> tuple[pwd.struct_passwd, list[str]]:
    """Return the user to run as, and the command prefix that gets there from root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()), []
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise DovecotMissingError("setpriv is needed to start Dovecot as root")
    try:
        user = pwd.getpwnam("dovecot")
    except KeyError as error:
        raise DovecotMissingError("there is no user dovecot to start the server as") from error
    flags = ["--pdeathsig", "TERM", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return user, [setpriv, *flags]


def _group_name(user: pwd.struct_passwd) -> str:
    import grp

    return grp.getgrgid(user.pw_gid).gr_name


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _wait_until_ready(server: Dovecot) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            with server.client("probe"):
                return
        except (OSError, ValueError) as error:
            if server.process.poll() is not None or time.monotonic() > end:
                log = server.folder / "dovecot.log"
                text = log.read_text(errors="replace")[-2000:] if log.exists() else "no log"
                server.stop()
                raise DovecotMissingError(f"Dovecot did not start: {text}") from error
            time.sleep(0.05)
