"""A running instance of the café: gunicorn with its real configuration, in a separate process."""

import fcntl
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from deploy.local.processes import find
from tests.harness.servers import SETTINGS_READ, Server

ROOT = Path(__file__).resolve().parents[2]
# A copied database needs a new menu epoch: two cafés may share a Redis, and would otherwise share their keys.
ANOTHER_EPOCH = "UPDATE menu_menuversion SET epoch = LEFT(MD5(RAND()), CHAR_LENGTH(epoch))"


class RunningCafe(Server):
    """gunicorn on a free port; `env` names its database and Redis. It starts and stops like every Server."""

    program = "gunicorn"
    root = ROOT  # the project's root; tests of another release override it

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        super().__init__(folder)
        self.url = f"http://127.0.0.1:{self.port}"
        data = {"CAFE_DATA_DIR": os.environ["CAFE_DATA_DIR"]}  # the static files of this run
        self.env = {key: value for key, value in os.environ.items() if key not in SETTINGS_READ} | data | env
        self.env |= {"PORT": str(self.port), "PYTHONUNBUFFERED": "1"}

    def prepare(self) -> None:
        """Migrate and load the sample menu. On MariaDB only the first café of a run does so; the others restore a
        dump of its database."""
        if "DB_HOST" not in self.env or self.root != ROOT:
            self._prepare()
            return
        copy = Path(os.environ["CAFE_DATA_DIR"]).parent / "prepared.sql"
        with copy.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if copy.exists():
                self._sql("mariadb", copy.read_text("utf-8"))
                self._sql("mariadb", ANOTHER_EPOCH)
            else:
                self._prepare()
                copy.write_text(self._sql("mariadb-dump"), "utf-8")

    def _prepare(self) -> None:
        self.manage("migrate", "--database", "maintenance", "--verbosity", "0")
        self.manage("load_sample_menu")

    def _sql(self, program: str, sql: str = "") -> str:
        """Run a MariaDB command-line tool on the café's database, with `sql` as its input; return its output."""
        words = ["host", "port", "user"]
        address = [f"--{word}={self.env[f'DB_{word.upper()}']}" for word in words]
        command = [find(program), "--no-defaults", *address, "--default-character-set=utf8mb4", self.env["DB_NAME"]]
        env = os.environ | {"MYSQL_PWD": self.env["DB_PASSWORD"]}
        asked = subprocess.run(command, input=sql, env=env, capture_output=True, encoding="utf-8", check=True)
        return asked.stdout

    def manage(self, *arguments: str) -> str:
        """Run a management command in this café's environment and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=self.root, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def restart(self) -> None:
        self.stop()
        self.start()

    def command(self) -> list[str]:
        return [
            sys.executable,
            "-m",
            "gunicorn",
            f"--chdir={self.root}",
            f"--config={self.root}/gunicorn.conf.py",
            "cafe.wsgi:application",
        ]

    def environment(self) -> dict[str, str]:
        return self.env

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready/?format=json", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False
