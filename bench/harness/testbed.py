"""The measured servers: MariaDB, Redis, instances and the edge, each in its own control group with a CPU quota."""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from bench.harness import machine
from bench.harness.groups import ASKED_FROM, SERVED_ON, Group
from bench.harness.servers import ROOT
from tests.deploy.edge import DiesAsAWhole, Edge, OneAddress
from tests.harness.servers import SETTINGS_READ, MariaDB, Redis, Server

HOME = "/zh-hans/"
# All load comes from one IP address here, so the rate limit per address has to be lifted.
UNLIMITED = {"EDGE_ORDER_RATE": "10000r/s", "EDGE_ORDER_BURST": "10000"}


class BenchMariaDB(MariaDB):
    """MariaDB with production durability: a commit is flushed to disk before it returns."""

    def __init__(self, folder: Path, group: Group, *more: str) -> None:
        super().__init__(folder)
        self.group, self.more = group, more

    def command(self) -> list[str]:
        usual = ("--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=256M")
        return self.group.command([*super().command(), *usual, *self.more])


class BenchRedis(Redis):
    def __init__(self, folder: Path, group: Group) -> None:
        super().__init__(folder)
        self.group = group

    def command(self) -> list[str]:
        return self.group.command(super().command())


class BenchEdge(Edge):
    """The edge with one worker; `keeps=False` is the same configuration without its cache of pages."""

    def __init__(self, folder: Path, group: Group, *, instances: str, keeps: bool = True, **values: str) -> None:
        super().__init__(folder, instances=instances, **{"EDGE_WORKERS": "1"} | UNLIMITED | values)
        self.group, self.keeps = group, keeps

    def command(self) -> list[str]:
        if not self.keeps:
            file = self.folder / "nginx.conf"
            file.write_text(file.read_text().replace("proxy_cache pages;", ""))
        return self.group.command(super().command())


class Instance(DiesAsAWhole):
    """An instance: a WSGI application under our gunicorn.conf.py. With `common` it also listens on that shared
    address (SO_REUSEPORT)."""

    program = "gunicorn"

    def __init__(
        self,
        folder: Path,
        env: dict[str, str],
        group: Group,
        *,
        application: str = "cafe.wsgi:application",
        common: OneAddress | None = None,
        ready: str = HOME,
    ) -> None:
        super().__init__(folder)
        self.url = f"http://127.0.0.1:{self.port}"
        self.env, self.group, self.ready = env | {"PORT": str(self.port)}, group, ready
        shared = ["--reuse-port", f"--bind={common.address}", f"--bind=127.0.0.1:{self.port}"] if common else []
        self.words = [f"--chdir={ROOT}", "--config=gunicorn.conf.py", *shared, application]

    def command(self) -> list[str]:
        return self.group.command([sys.executable, "-m", "gunicorn", *self.words])

    def environment(self) -> dict[str, str]:
        return self.env

    def answers(self) -> bool:
        return answers(self.url + self.ready)


class Peer(DiesAsAWhole):
    """Somebody else's server, to compare with: it listens at PORT."""

    program = "peer"

    def __init__(self, folder: Path, words: list[str], env: dict[str, str], group: Group, *, ready: str) -> None:
        super().__init__(folder)
        self.url = f"http://127.0.0.1:{self.port}"
        self.words, self.env, self.group, self.ready = words, env | {"PORT": str(self.port)}, group, ready

    def command(self) -> list[str]:
        return self.group.command(self.words)

    def environment(self) -> dict[str, str]:
        return self.env

    def answers(self) -> bool:
        return answers(self.url + self.ready)


class Shop:
    """A context manager that starts MariaDB and Redis on entry and kills every server it started on exit."""

    def __init__(self, folder: Path, *mariadb: str, stores: Group | None = None) -> None:
        self.folder = folder
        self.database_group = stores or Group("database")
        self.redis_group = stores or Group("redis")
        self.mariadb = BenchMariaDB(folder / "mariadb", self.database_group, *mariadb)
        self.redis = BenchRedis(folder / "redis", self.redis_group)
        self._stack = ExitStack()
        self._count = 0

    def __enter__(self) -> Self:
        try:
            with collected_static(self.env()):
                for server in (self.mariadb, self.redis):
                    self._stack.callback(server.kill)
                    server.start()
                self.manage("migrate", "--database", "maintenance")
                self.manage("load_sample_menu")
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    @property
    def stores(self) -> dict[str, list[Group]]:
        return {"database": [self.database_group], "redis": [self.redis_group]}

    def env(self, **more: str) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if name not in SETTINGS_READ}
        env |= self.mariadb.env() | self.redis.env()
        env |= {"CAFE_DATA_DIR": str(static_folder()), "DJANGO_SETTINGS_MODULE": "cafe.settings"}
        env |= {"LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1", "WEB_WORKERS": "1", "WEB_THREADS": "8"}
        return env | more

    def start(self, server: Server) -> Any:
        """Start a server, killed on exit. Raises RuntimeError, with the end of its log, when it does not answer."""
        self._stack.callback(server.kill)
        return server.start()

    def program(self, name: str, quota: float | None, **env: str) -> Instance:
        """Start an instance. Its core and its quota limit it only after the start."""
        (program,) = self.start_together([self.new_instance(name, quota, **env)])
        return program

    def instances(self, count: int, quota: float | None, common: OneAddress, **env: str) -> list[Instance]:
        names = [f"program-{number}" for number in range(count)]
        return self.start_together([self.new_instance(name, quota, common=common, **env) for name in names])

    def start_together(self, instances: list[Instance]) -> list[Instance]:
        """Start these instances together on every core without a quota; set each one's quota when all answer."""
        quotas = [program.group.quota for program in instances]
        with ExitStack() as starting:
            for program in instances:
                program.group.hold_to(None)
                starting.enter_context(program.group.on_every_core())
                self._stack.callback(program.kill)
                program.launch()
            for program in instances:
                program.wait_until_it_answers()
        for program, quota in zip(instances, quotas, strict=True):
            program.group.hold_to(quota)
        return instances

    def new_instance(
        self, name: str, quota: float | None, *, common: OneAddress | None = None, **env: str
    ) -> Instance:
        """Return an instance without starting it."""
        return Instance(self.room(name), self.env(**env), Group(name, quota=quota), common=common)

    def room_in_memory(self, name: str) -> Path:
        """Return a folder on tmpfs, where an access log costs no disk write; without tmpfs, an ordinary folder."""
        memory = machine.roomy_folder()
        if memory is None:
            return self.room(name)
        folder = Path(tempfile.mkdtemp(prefix="cafe-bench-", dir=memory))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder / name

    def edge(self, quota: float | None, instances: str, *, core: int = SERVED_ON, **values: Any) -> BenchEdge:
        group = Group("edge", quota=quota, core=core)
        return self.start(BenchEdge(self.room_in_memory("edge"), group, instances=instances, **values))

    def restart_mariadb(self, *more: str) -> None:
        """Restart MariaDB on the same data and port with the options `more`."""
        self.mariadb.stop()
        self.mariadb.more = more
        self.mariadb.start()

    @contextmanager
    def stores_in(self, group: Group) -> Iterator[None]:
        """Move MariaDB and Redis into one control group, and onto its core, while the block runs."""
        servers = [(self.mariadb, self.database_group), (self.redis, self.redis_group)]
        for server, _own in servers:
            assert server.process is not None
            group.take_in(server.process.pid)
        try:
            yield
        finally:
            for server, own in servers:
                own.take_in(server.process.pid)

    def room(self, name: str) -> Path:
        self._count += 1
        return self.folder / f"{self._count}-{name}"

    def manage(self, *arguments: str) -> str:
        return manage(self.env(), *arguments)


def on_every_core() -> list[str]:
    """Return the taskset prefix for a command that is not measured: it may use both cores."""
    return ["taskset", "--cpu-list", f"{SERVED_ON},{ASKED_FROM}"]


def manage(env: Mapping[str, str], *arguments: str) -> str:
    command = [*on_every_core(), sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=dict(env), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


_collected = False


@contextmanager
def collected_static(env: Mapping[str, str]) -> Iterator[None]:
    """Run collectstatic in parallel with the block, once a run."""
    global _collected
    if _collected:
        yield
        return
    with ThreadPoolExecutor(1) as pool:
        collecting = pool.submit(manage, env, "collectstatic", "--no-input")
        yield
    collecting.result()
    _collected = True


def static_folder() -> Path:
    """Return the folder of the collected static files, shared by all servers of a run."""
    return ROOT / "var" / "bench" / "cafe"


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
