"""A throw-away IMAP server on loopback: Dovecot (2.3, as Debian has it) with its settings in a folder of its own.

Any user may log in with the one password, and each finds a mailbox of their own.
"""

import imaplib
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

PASSWORD = "p/ss:w@rd"
_WITHOUT_MOVE = "IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE"
_SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:~/Maildir
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{more}
"""


@dataclass(frozen=True, slots=True)
class ImapServer:
    port: int
    tls_port: int  # 0: none

    @contextmanager
    def logged_in(self, user: str) -> Generator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(user, PASSWORD)
            yield client

    def put(self, user: str, *messages: bytes) -> None:
        """Lays mails into the user's inbox."""
        with self.logged_in(user) as client:
            for message in messages:
                assert client.append("INBOX", "", "", message)[0] == "OK"

    def read(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The mails of a folder; none of one that is not there."""
        with self.logged_in(user) as client:
            if client.select(folder)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]  # pyright: ignore


def find_dovecot() -> Path | None:
    """Dovecot's program, where this machine has its IMAP server, too."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Path(found) if found and Path("/usr/lib/dovecot/imap").exists() else None


@contextmanager
def open_dovecot(program: Path, *, certificate: Path | None = None, moves: bool = True) -> Generator[ImapServer]:
    """The server while the block runs. `certificate`: with its key, for TLS; `moves`: whether it knows MOVE."""
    folder = Path(mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    try:
        with _running(program, folder, certificate=certificate, moves=moves) as server:
            yield server
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(program: Path, folder: Path, *, certificate: Path | None, moves: bool) -> Generator[ImapServer]:
    ports = find_free_ports(2)
    (folder / "mail").mkdir()
    more: list[str] = []
    user, group = os.getuid(), os.getgid()
    if user == 0:  # mail belongs to nobody
        user, group = 65534, 65534
        os.chown(folder / "mail", user, group)
    else:
        more += [f"default_internal_user = {user}", f"default_login_user = {user}", f"default_internal_group = {group}"]
    if certificate is not None:
        shutil.copy(certificate, folder / "certificate.pem")
        more += [f"ssl_{part} = <{folder}/certificate.pem" for part in ("cert", "key")]
    if not moves:
        more.append(f"protocol imap {{\n  imap_capability = {_WITHOUT_MOVE}\n}}")
    server = ImapServer(ports[0], 0 if certificate is None else ports[1])
    settings = folder / "dovecot.conf"
    settings.write_text(
        _SETTINGS.format(
            folder=folder,
            ssl="no" if certificate is None else "yes",
            password=PASSWORD,
            user=user,
            group=group,
            port=server.port,
            tls_port=server.tls_port,
            more="\n".join(more),
        )
    )
    process = subprocess.Popen([program, "-F", "-c", settings], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said: list[str] = []
        while not any("starting up" in line for line in said):
            line = process.stderr.readline()
            assert line, f"Dovecot did not start: {''.join(said)}"
            said.append(line)
        threading.Thread(target=process.stderr.read, daemon=True).start()  # so that it never waits for a reader
        yield server
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()


def find_free_ports(number: int) -> list[int]:
    """Ports that nobody uses; somebody else may take one before we do."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports
