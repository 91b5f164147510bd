"""A real Dovecot for the tests: its own process, its own folder, its own configuration, ports of 127.0.0.1.

Debian's `dovecot-imapd` brings the program (`.ci/run` installs it); no service of the system is used or needed. As root
it runs as `nobody`, otherwise as whoever runs the tests.
"""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from servers.errors import ServerFailed
from servers.ports import LOCALHOST, free_port
from servers.processes import ProcessIdentity, start_process
from tests.support.waiting import until

PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
START_TIMEOUT = 20.0
POLL_EVERY = 0.02
NOBODY = ProcessIdentity(user=65534, group=65534)

CONFIGURATION = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 200
disable_plaintext_auth = no
auth_mechanisms = plain login{more_mechanisms}
auth_failure_delay = 0
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
"""
ENCRYPTED = """\
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
"""
BY_TOKEN = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""
TOKEN_INFO = """\
tokeninfo_url = {address}
username_attribute = email
"""


def dovecot_program() -> str:
    """Where it is; without it, or with one that reads another configuration, the test is skipped."""
    program = shutil.which("dovecot", path=PLACES)
    if program is None:
        pytest.skip("dovecot is not installed: on Debian and Ubuntu, `apt install dovecot-imapd` adds it")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("2.3."):
        pytest.skip(
            f"dovecot {version.split()[0]} reads another configuration than 2.3, which the tests are written for"
        )
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        pytest.skip("the user who runs the tests has no name, and Dovecot knows users by name")
    return program


@dataclass
class Dovecot:
    """One Dovecot with the mailboxes of `users` (address -> password), until the context is left.

    `certificate`: PEM files of certificate and key; with it, `port` offers STARTTLS and `tls_port` is encrypted at once.
    `token_info`: address of an endpoint that tells whose access token it is handed; with it, XOAUTH2 is offered.
    """

    program: str
    users: dict[str, str]
    certificate: tuple[Path, Path] | None = None
    token_info: str | None = None

    port: int = field(default=0, init=False)
    tls_port: int = field(default=0, init=False)
    folder: Path = field(init=False)
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _delivered: int = field(default=0, init=False)

    async def __aenter__(self) -> Self:
        # Not pytest's own temporary folder: as root, Dovecot runs as another user, who may not enter that.
        self.folder = Path(tempfile.mkdtemp(prefix="caseloom-dovecot-"))
        self.port, self.tls_port = free_port(), free_port()
        try:
            self._configure()
            await self.start()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()  # an orderly end takes it a second, and nothing is kept
        shutil.rmtree(self.folder)

    async def start(self) -> None:
        """Until it answers; after `kill` on the same ports, with the mail that it had."""
        command: list[str | Path] = [self.program, "-F", "-c", self.folder / "dovecot.conf"]
        self._process = await start_process(command, self.folder / "out.log", identity=self._identity)
        with suppress(TimeoutError):
            async with asyncio.timeout(START_TIMEOUT):
                while self._process.returncode is None:
                    with suppress(OSError):
                        reader, writer = await asyncio.open_connection(LOCALHOST, self.port)
                        greeting = await reader.readline()
                        writer.close()
                        if greeting.startswith(b"* OK"):
                            return
                    await asyncio.sleep(POLL_EVERY)
        log_file = self.folder / "dovecot.log"
        raise ServerFailed("Dovecot did not start.", log_file if log_file.exists() else self.folder / "out.log")

    async def kill(self) -> None:
        """`kill -9` of all its processes at once."""
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            # On a busy machine its children, which hold the port as well, are gone a moment later.
            await until(self._port_is_free)

    async def _port_is_free(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(LOCALHOST, self.port)
        except OSError:
            return True
        writer.close()
        return False

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user

    async def deliver(self, user: str, raw: bytes) -> None:
        """As a mail transfer agent does: written in `tmp`, moved to `new`."""
        box = self.maildir(user)
        for name in ("", "cur", "new", "tmp"):
            self._make(box / name)
        self._delivered += 1
        # Dovecot gives UIDs in the order of the names' seconds.
        name = f"{1_700_000_000 + self._delivered}.M1P1.tests"
        (box / "tmp" / name).write_bytes(raw)
        self._give(box / "tmp" / name)
        (box / "tmp" / name).rename(box / "new" / name)

    def _make(self, folder: Path) -> None:
        # Dovecot makes the same folders when somebody signs in, perhaps at this very moment.
        folder.mkdir(parents=True, exist_ok=True)
        self._give(folder)

    def _give(self, path: Path) -> None:
        if self._identity is not None:
            os.chown(path, self._identity.user, self._identity.group)

    @property
    def _identity(self) -> ProcessIdentity | None:
        return NOBODY if os.getuid() == 0 else None

    def _configure(self) -> None:
        uid, gid = (NOBODY.user, NOBODY.group) if self._identity else (os.getuid(), os.getgid())
        names = {"user": pwd.getpwuid(uid).pw_name, "group": grp.getgrgid(gid).gr_name, "uid": uid, "gid": gid}
        text = CONFIGURATION.format(
            folder=self.folder,
            port=self.port,
            tls_port=self.tls_port,
            more_mechanisms=" xoauth2" if self.token_info else "",
            **names,
        )
        if self.certificate is None:
            text += "ssl = no\n"
        else:
            text += ENCRYPTED.format(certificate=self._copy(self.certificate[0]), key=self._copy(self.certificate[1]))
        if self.token_info is not None:
            text += BY_TOKEN.format(folder=self.folder)
            (self.folder / "oauth2.conf").write_text(TOKEN_INFO.format(address=self.token_info))
        (self.folder / "dovecot.conf").write_text(text)
        users = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in self.users.items())
        (self.folder / "users").write_text(users)
        (self.folder / "mail").mkdir()
        for path in (self.folder, *self.folder.iterdir()):
            self._give(path)

    def _copy(self, file: Path) -> Path:
        return Path(shutil.copy(file, self.folder))
