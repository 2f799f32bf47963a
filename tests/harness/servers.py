"""MariaDB and Redis for the tests, each on a free port and in a temporary folder.

A test that harms a server starts its own:

    database = MariaDB(tmp_path).start()      # .port, .env(), .execute(sql)
    database.pause()                          # SIGSTOP: accepts connections, answers nothing
    database.resume()
    database.kill()                           # SIGKILL; .start() again finds the same data on the same port
    database.stop()                           # SIGTERM: an orderly shutdown
"""

import contextlib
import ctypes
import getpass
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from deploy.local.processes import find, free_port

START_TIMEOUT_S = 60

# The environment variables that the café reads: a developer's own values must not influence a test.
SETTINGS_READ = re.findall(
    r"\w+",
    """DB_HOST DB_PORT DB_NAME DB_USER DB_PASSWORD DB_CONN_MAX_AGE REDIS_HOST REDIS_PORT REDIS_PASSWORD
    CAFE_ENV CAFE_DATA_DIR PUBLIC_SCHEME PUBLIC_ORIGIN TRUSTED_PROXIES SECRET_KEY SECRET_KEY_FALLBACKS ALLOWED_HOSTS
    CSRF_TRUSTED_ORIGINS DEBUG LOG_LEVEL TIME_ZONE CURRENCY HOST PORT WEB_WORKERS WEB_THREADS HEALTH_FULL_FROM
    OFFLINE_MENU STAFF_SESSION_MAX_HOURS""",
)


class Server:
    """A server process on a free port of 127.0.0.1, killed when its starting thread ends (PR_SET_PDEATHSIG)."""

    program: str
    hello = b""  # the bytes to which the server sends a first answer

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / f"{self.program}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str] | None:
        return None

    def start(self) -> Self:
        self.launch()
        return self.wait_until_it_answers()

    def launch(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                start_new_session=True,  # Ctrl-C must reach pytest only, which stops its servers in order
                preexec_fn=die_with_parent,
            )

    def wait_until_it_answers(self) -> Self:
        """Block until the server answers. Raises RuntimeError, with the end of its log, when it exits or takes longer
        than START_TIMEOUT_S; it is killed then."""
        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.program} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)
        return self

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.5) as connection:
                connection.sendall(self.hello)
                return bool(connection.recv(1))
        except OSError:
            return False

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the server by SIGSTOP; return after each of its threads has stopped."""
        self._send(signal.SIGSTOP)
        assert self.process is not None
        threads = f"/proc/{self.process.pid}/task"
        while any(state_of(thread) not in "TtXZ" for thread in Path(threads).glob("*")):
            time.sleep(0.001)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        assert self.process is not None, f"{self.program} is not running"
        self.process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self._send(number)
        self._send(signal.SIGCONT)
        self.process.wait(timeout=START_TIMEOUT_S)
        self.process = None


def state_of(thread: Path) -> str:
    """Return a thread's state letter of proc(5); X when it has ended."""
    try:
        return (thread / "stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return "X"


class MariaDB(Server):
    """A bare MariaDB with its own defaults, latin1 among them: the café's settings have to request what they need."""

    program = "mariadbd"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.password = secrets.token_hex(8)
        self.data = folder / "data"

    def env(self, name: str = "cloudcafe") -> dict[str, str]:
        """Return the café's environment for the database `name`."""
        return {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self.port),
            "DB_NAME": name,
            "DB_USER": "cafeadmin",
            "DB_PASSWORD": self.password,
        }

    def start(self) -> Self:
        if not self.data.exists():
            self._install()
        return super().start()

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        return execute(sql, env=self.env())

    def command(self) -> list[str]:
        return [
            find(self.program),
            *self._own(),
            f"--socket={self.folder}/socket",
            f"--pid-file={self.folder}/pid",
            f"--port={self.port}",
            f"--init-file={self.folder}/users.sql",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--max-connections=400",
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=32M",
            "--innodb-flush-log-at-trx-commit=2",  # commits_reach_the_disk() below sets 1
        ]

    def _install(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "users.sql").write_text(
            # As in production the café's user has rights on the café's database only; here also on test databases.
            f"CREATE USER IF NOT EXISTS cafeadmin@'%' IDENTIFIED BY '{self.password}';\n"
            f"CREATE USER IF NOT EXISTS operator@'%' IDENTIFIED BY '{self.password}';\n"
            "CREATE DATABASE IF NOT EXISTS cloudcafe CHARACTER SET utf8mb4;\n"
            "GRANT ALL ON cloudcafe.* TO cafeadmin@'%';\n"
            "GRANT ALL ON `test\\_%`.* TO cafeadmin@'%';\n"
            "GRANT ALL ON *.* TO operator@'%';\n"
        )
        command = ["mariadb-install-db", *self._own()]
        command += ["--skip-test-db", "--auth-root-authentication-method=socket"]
        done = subprocess.run([find(command[0]), *command[1:]], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")

    def _own(self) -> list[str]:
        """Return the options for its own folders and no configuration file. `tmpdir` is not shared, because MariaDB
        deletes files there that it takes for its own leftovers."""
        (self.folder / "tmp").mkdir(exist_ok=True)
        user = [f"--user={getpass.getuser()}"] if os.getuid() == 0 else []
        return ["--no-defaults", *user, f"--datadir={self.data}", f"--tmpdir={self.folder}/tmp"]


class Redis(Server):
    """A Redis with a password and without persistence."""

    program = "redis-server"
    hello = b"PING\r\n"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.password = secrets.token_hex(8)

    def env(self) -> dict[str, str]:
        return {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(self.port), "REDIS_PASSWORD": self.password}

    def command(self) -> list[str]:
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "requirepass": self.password,
            "dir": self.folder,
            "save": "",
            "appendonly": "no",
        }
        return [
            find(self.program),
            *(word for key, value in options.items() for word in (f"--{key}", str(value))),
        ]


def execute(sql: str, *, env: dict[str, str] | None = None) -> list[tuple[Any, ...]]:
    """Run one statement as `operator` on the database server of `env` (default: this process's), return its rows."""
    import MySQLdb

    env = env or dict(os.environ)
    connection = MySQLdb.connect(
        host=env["DB_HOST"],
        port=int(env["DB_PORT"]),
        user="operator",
        password=env["DB_PASSWORD"],
        charset="utf8mb4",
    )
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@contextlib.contextmanager
def commits_reach_the_disk() -> Iterator[None]:
    """Make the tests' MariaDB flush its log at every commit, as in production, while the block runs."""
    execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    try:
        yield
    finally:
        execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2")


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies, even by SIGKILL (prctl PR_SET_PDEATHSIG)."""
    if _libc:
        _libc.prctl(1, signal.SIGKILL)
