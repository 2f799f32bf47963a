"""A cluster on one machine: MariaDB, Redis, instances behind one address, and the edge (bin/cluster).

Its files are in `cluster/` of the data folder (CAFE_DATA_DIR): the databases, the logs, and the ports and secrets
chosen at the first start. Its processes keep running when this command ends.
"""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from deploy import edge
from deploy.local import stores
from deploy.local.processes import DidNotStart, Process, free_port

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
MAX_INSTANCES = 16
# Environment variables of an operator that are saved (said.json) and used again by the next start.
SAID = (
    *("HOST", "PORT", "PROGRAMS", "WEB_WORKERS", "WEB_THREADS", "TIME_ZONE", "CURRENCY", "LOG_LEVEL"),
    *(
        "PUBLIC_SCHEME",
        "PUBLIC_ORIGIN",
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        "TRUSTED_PROXIES",
        "HEALTH_FULL_FROM",
        "STAFF_SESSION_MAX_HOURS",
    ),
    *edge.DEFAULTS,
)


class Cluster:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.logs = home / "run"
        self.logs.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
        self.chosen = self._chosen()
        self.mariadb, self.redis, self.edge = (self._process(name) for name in ("mariadb", "redis", "edge"))
        self.said_before = self._read_said()
        self.said = self.said_before | {name: os.environ[name] for name in SAID if name in os.environ}
        os.environ.update(self.said)  # read below, and inherited by the started processes
        self.host = os.environ.get("HOST", "127.0.0.1")
        self.port = number("PORT", 8080, least=1, most=65535)

    # Commands

    def start(self) -> None:
        """Start each part that does not run, and print the status.

        Raises DidNotStart, and SystemExit for a busy port and for values that differ from those of the running parts.
        """
        programs = number("PROGRAMS", 2, least=1, most=MAX_INSTANCES)
        before = edge.DEFAULTS | self.said_before
        others = [name for name in self.said if self.said[name] != before.get(name) and name not in ("HOST", "PORT")]
        if self.edge.pid and self.edge.note != self._url():
            others.append("HOST or PORT")
        if self.edge.pid and {*others} - {"PROGRAMS"}:
            sys.exit(
                f"It runs with another {' and '.join(others)}: bin/cluster restart takes new values over; "
                "for another HOST or PORT, bin/cluster stop first."
            )
        if not self.edge.pid:
            self.edge.stop()  # worker processes of a killed nginx hold the port
            stop_if_busy(self.host, self.port)
        if not self.mariadb.pid:
            stores.start_mariadb(self.mariadb, self.home, self.chosen)
        if not self.redis.pid:
            stores.start_redis(self.redis, self.home, self.chosen)
        if not self._running_instances():
            self._prepare()
        for place in range(programs):
            if not self._process(f"program-{place}").pid:
                self._start_instance(place)
        self._start_edge()
        self._remember()
        self.status()
        print("Staff sign in at /admin/; make the first one: bin/cluster manage createsuperuser")

    def restart(self) -> None:
        """Rolling restart: replace each running instance by a new one, which is ready before the old one is stopped.

        Raises DidNotStart, and SystemExit if the cluster does not run or HOST or PORT differs.
        """
        running = self._running_instances()
        if not running or not self.edge.pid:
            sys.exit("It does not run: bin/cluster starts it.")
        if self.edge.note != self._url():
            sys.exit(f"It runs at {self.edge.note}. For another HOST or PORT, bin/cluster stop first.")
        edge_is_new = self._edge_changed()
        self._prepare()
        for process in running:
            self._start_instance(self._free_place())
            process.stop()
        # Reload nginx for new parameters only: a reload closes customers' idle connections.
        if edge_is_new:
            os.kill(self.edge.pid, signal.SIGHUP)
        self._remember()
        self.status()

    def stop(self) -> None:
        """Stop each part before those that it uses: the edge, the instances, Redis, MariaDB."""
        self.edge.stop(signal.SIGQUIT)
        for process in self._running_instances():
            process.stop()
        self.redis.stop()
        self.mariadb.stop()
        print("Stopped. The data is kept in", self.home)

    def status(self) -> None:
        parts = [self.mariadb, self.redis, *self._running_instances(), self.edge]
        for process in parts:
            state = f"runs as {process.pid}" if process.pid else "does not run"
            print(f"{process.name:<12} {state:<18} {process.log} {process.note if process.pid else ''}".rstrip())
        if self.edge.pid and self._running_instances():
            print("The café is open at", self.edge.note)
        elif self.edge.pid:
            print("No program runs: the edge serves its last copies of the menu at", self.edge.note)

    def manage(self, arguments: list[str]) -> int:
        return subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, env=os.environ | self.env()).returncode

    # What the parts are told

    def env(self) -> dict[str, str]:
        """Return the environment of an instance, as in production; this shell's variables override `own`."""
        own = {
            "CAFE_ENV": "production",
            "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],cloudcafe.local",
            "HEALTH_FULL_FROM": "127.0.0.1",
            "WEB_WORKERS": "2",
        }
        return {name: os.environ.get(name, value) for name, value in own.items()} | {
            "CAFE_DATA_DIR": str(self.home / "data"),
            "SECRET_KEY": self.chosen["secret_key"],
            "DB_HOST": "127.0.0.1",
            "DB_PORT": self.chosen["mariadb_port"],
            "DB_NAME": "cloudcafe",
            "DB_USER": "cafeadmin",
            "DB_PASSWORD": self.chosen["db_password"],
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": self.chosen["redis_port"],
            "REDIS_PASSWORD": self.chosen["redis_password"],
        }

    def _prepare(self) -> None:
        """Check the settings, migrate the database and collect the static files. Raises DidNotStart."""
        manage = [PYTHON, "manage.py"]
        for command in (
            [*manage, "check", "--deploy", "--fail-level", "ERROR"],
            [*manage, "migrate", "--database", "maintenance", "--verbosity", "0"],
            [*manage, "load_sample_menu", "--if-empty"],
            ["bin/collect-static"],
        ):
            done = subprocess.run(command, cwd=ROOT, env=os.environ | self.env(), capture_output=True, text=True)
            if done.returncode:
                raise DidNotStart(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")

    def _start_instance(self, place: int) -> None:
        own = f"127.0.0.1:{free_port()}"  # a port of this instance alone, for its health check
        bind = [f"--bind=127.0.0.1:{self.chosen['programs_port']}", f"--bind={own}", "--reuse-port"]
        command = [PYTHON, "-m", "gunicorn", f"--chdir={ROOT}", f"--config={ROOT}/gunicorn.conf.py", *bind]
        self._process(f"program-{place}").start(
            [*command, "cafe.wsgi:application"],
            self.env() | {"PYTHONPATH": str(ROOT)},
            lambda: answers_200(f"http://{own}/health/ready/"),
            note=f"http://{own}",
        )

    def _start_edge(self) -> None:
        if self.edge.pid:
            return
        self._edge_changed()
        folder = self.home / "edge"
        (folder / "orders.sock").unlink(missing_ok=True)  # a killed nginx leaves its socket
        url = self._url()
        self.edge.start(edge.command(folder), {}, lambda: answers_200(f"{url}/edge/health"), note=url)

    def _url(self) -> str:
        """Return the edge's URL, as seen from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self._listen_host())  # noqa: S104
        return f"http://{host}:{self.port}"

    def _edge_changed(self) -> bool:
        """Write the edge's configuration; return whether it has changed. Raises DidNotStart if nginx rejects it."""
        folder = self.home / "edge"
        folder.mkdir(exist_ok=True)
        values = {name: os.environ[name] for name in edge.DEFAULTS if name in os.environ} | {
            "EDGE_HOME": str(folder),
            "EDGE_LISTEN": f"{self._listen_host()}:{self.port}",
            "EDGE_PROGRAMS": f"127.0.0.1:{self.chosen['programs_port']}",
            "EDGE_SCHEME": os.environ.get("PUBLIC_SCHEME", "http"),
        }
        file, new = folder / "nginx.conf", folder / "nginx.conf.new"
        new.write_text(edge.configuration(**values))
        if file.exists() and file.read_text() == new.read_text():
            return False
        tested = subprocess.run([*edge.command(folder, new.name), "-t", "-q"], capture_output=True, text=True)
        if tested.returncode:
            raise DidNotStart(f"The edge takes none of it, nothing was changed:\n{tested.stderr}")
        new.replace(file)
        return True

    def _listen_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    # What there is

    def _process(self, name: str) -> Process:
        return Process(self.logs, name)

    def _running_instances(self) -> list[Process]:
        programs = [self._process(file.stem) for file in sorted(self.logs.glob("program-*.pid"))]
        return [program for program in programs if program.pid]

    def _free_place(self) -> int:
        return next(place for place in range(2 * MAX_INSTANCES) if not self._process(f"program-{place}").pid)

    def _read_said(self) -> dict[str, str]:
        """Return the operator's values saved by the last start or restart, which apply until they are set again."""
        file = self.home / "said.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def _remember(self) -> None:
        (self.home / "said.json").write_text(json.dumps(self.said, indent=1))

    def _chosen(self) -> dict[str, str]:
        """Return the ports and secrets, which the first start chooses and saves (chosen.json)."""
        file = self.home / "chosen.json"
        if not file.exists():
            ports = {name: str(free_port()) for name in ("mariadb_port", "redis_port", "programs_port")}
            words = {name: secrets.token_urlsafe(48) for name in ("db_password", "redis_password", "secret_key")}
            file.touch(mode=0o600)
            file.write_text(json.dumps(ports | words, indent=1))
        return dict(json.loads(file.read_text()))


def number(name: str, usual: int, *, least: int, most: int) -> int:
    text = os.environ.get(name, str(usual))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        sys.exit(f"{name}={text} is not a number from {least} to {most}.")
    return int(text)


def stop_if_busy(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            sys.exit(f"Cannot listen on {host}:{port}: {error.strerror}. Another port: PORT=8081 bin/cluster")


def answers_200(url: str) -> bool:
    request = urllib.request.Request(url, headers={"Host": "localhost"})  # noqa: S310 - our own address
    with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
        return bool(response.status == 200)
    return False


def main(arguments: list[str]) -> int:
    command, *rest = arguments or ["start"]
    home = Path(os.environ.get("CAFE_DATA_DIR") or ROOT / "var").resolve() / "cluster"
    home.mkdir(parents=True, exist_ok=True)
    if command == "manage":
        return Cluster(home).manage(rest)
    with (home / "lock").open("w") as lock:
        if command != "status":
            fcntl.flock(lock, fcntl.LOCK_EX)  # one command at a time
        try:
            getattr(Cluster(home), command)()  # bin/cluster passes only these commands
        except DidNotStart as problem:
            sys.exit(f"{problem}\nWhat did start runs on: bin/cluster stop")
        except FileNotFoundError as missing:
            sys.exit(f"{missing.filename} is not here: bin/cluster installs what it needs, or says how.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
