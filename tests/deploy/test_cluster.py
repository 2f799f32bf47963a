"""`bin/cluster` runs the café on one machine: its commands start, replace and stop it, and restart killed parts."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.crowd import Crowd, Person
from tests.deploy.testbed import UNLIMITED
from tests.harness.running_cafe import ROOT
from tests.harness.servers import SETTINGS_READ, free_port

pytestmark = pytest.mark.only_full


class Machine:
    """Runs `bin/cluster` with its own data folder and port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        strange = {*SETTINGS_READ, "PROGRAMS"}
        self.env = {name: value for name, value in os.environ.items() if name not in strange}
        self.env |= {"CAFE_DATA_DIR": str(folder), "PORT": str(self.port)} | UNLIMITED

    def run(self, *arguments: str, **env: str) -> str:
        done = self.attempt(*arguments, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def attempt(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "bin/cluster"), *arguments]
        return subprocess.run(command, env=self.env | env, capture_output=True, text=True, cwd="/", timeout=300)

    def running(self) -> dict[str, int]:
        """Return {name: pid} of the processes that `status` reports as running."""
        return {
            name: int(pid) for name, pid in re.findall(r"^([\w-]+) +runs as (\d+)", self.run("status"), re.MULTILINE)
        }


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " not in stat.read_text()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    yield machine
    machine.attempt("stop")


def test_one_command_starts_all_of_it(machine: Machine) -> None:
    told = machine.run(PROGRAMS="2")
    assert f"The café is open at http://127.0.0.1:{machine.port}" in told
    assert machine.running().keys() == {"mariadb", "redis", "program-0", "program-1", "edge"}
    person = Person(machine)
    assert person.get("/api/health").json == {"status": "healthy", "redis": "connected"}
    assert person.order().status == 201
    assert "X-Cache-Status" in person.get("/en/").headers


def test_its_secrets_are_its_own_and_nobody_else_reads_them(machine: Machine) -> None:
    home = machine.folder / "cluster"
    assert home.stat().st_mode & 0o777 == 0o700
    for name in ("chosen.json", "users.sql", "redis.conf"):
        assert (home / name).stat().st_mode & 0o077 == 0


def test_started_again_it_starts_what_is_missing_and_nothing_else(machine: Machine) -> None:
    before = machine.running()
    os.killpg(before["program-1"], signal.SIGKILL)
    assert "program-1" not in machine.running()
    assert Person(machine).get("/en/cart/").status == 200
    machine.run(PROGRAMS="2")
    after = machine.running()
    assert after.keys() == before.keys()
    assert {name for name in before if before[name] != after[name]} == {"program-1"}


def test_what_was_said_at_the_start_holds_until_something_else_is_said(machine: Machine) -> None:
    """The second command has no PORT and no rates in its environment."""
    forgetful = {name: value for name, value in machine.env.items() if name not in ("PORT", *UNLIMITED)}
    told = subprocess.run([ROOT / "bin/cluster"], env=forgetful, capture_output=True, text=True, check=True).stdout
    assert f"The café is open at http://127.0.0.1:{machine.port}" in told
    conf = (machine.folder / "cluster/edge/nginx.conf").read_text()
    assert "rate=10000r/s" in conf
    other = machine.attempt(EDGE_ORDER_CAP="5", PORT=str(free_port()))
    assert (other.returncode, other.stdout) == (1, "")
    assert "It runs with another EDGE_ORDER_CAP and HOST or PORT" in other.stderr
    assert (machine.folder / "cluster/edge/nginx.conf").read_text() == conf


def test_a_wrong_parameter_is_refused_and_all_goes_on_as_it_was(machine: Machine) -> None:
    before = machine.running()
    done = machine.attempt("restart", EDGE_ORDER_CAP="some")
    assert done.returncode == 1
    assert 'invalid number of connections "some"' in done.stderr
    assert machine.running() == before
    machine.run()  # the refused parameter is not remembered


def test_what_a_killed_edge_has_left_is_cleared_away(machine: Machine) -> None:
    os.kill(machine.running()["edge"], signal.SIGKILL)  # its workers survive and hold the port
    assert "edge" not in machine.running()
    machine.run(PROGRAMS="2")
    assert Person(machine).get("/edge/health").status == 200


def test_two_at_once_start_it_once(machine: Machine) -> None:
    machine.run("stop")
    command = [ROOT / "bin/cluster"]
    both = [subprocess.Popen(command, env=machine.env, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [each.wait(timeout=300) for each in both] == [0, 0]
    folders = f"--datadir={machine.folder}/cluster/mariadb"
    assert subprocess.run(["pgrep", "-fc", "--", folders], capture_output=True, text=True).stdout == "1\n"


def test_nobody_notices_a_restart(machine: Machine, record_property) -> None:
    before = machine.running()
    with Crowd(machine, readers=3, buyers=2) as crowd:
        machine.run("restart")
        time.sleep(1)
    record_property("figures", crowd.in_words())
    after = machine.running()
    assert crowd.failures() == {}
    assert len(after) == len(before)
    assert not {before[name] for name in before if name.startswith("program")} & set(after.values())
    assert after["edge"] == before["edge"]


def test_manage_speaks_to_its_database(machine: Machine) -> None:
    assert machine.run("manage", "check_books") == "The books agree.\n"


def test_stopped_it_leaves_nothing_running_and_keeps_its_data(machine: Machine) -> None:
    placed = Person(machine).order().json
    processes = machine.running()
    assert "Stopped" in machine.run("stop")
    assert machine.running() == {}
    assert not [name for name, pid in processes.items() if is_alive(pid)]
    assert "Stopped" in machine.run("stop")
    machine.run("start", PROGRAMS="1")
    assert Person(machine).get(f"/api/orders/{placed['token']}").json["id"] == placed["order_id"]
    assert machine.running().keys() == {"mariadb", "redis", "program-0", "edge"}


def test_a_busy_port_and_a_wrong_number_are_said_and_change_nothing(machine: Machine, tmp_path: Path) -> None:
    other = Machine(tmp_path)
    with socket.create_server(("127.0.0.1", other.port)):
        done = other.attempt()
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Cannot listen on 127.0.0.1:{other.port}: Address already in use" in done.stderr
    for wrong in ({"PROGRAMS": "0"}, {"PROGRAMS": "many"}, {"PORT": "99999"}):
        done = other.attempt(**wrong)
        assert done.returncode == 1
        (name,) = wrong
        assert done.stderr.startswith(f"{name}={wrong[name]} is not a number from 1 to")
    assert "restart" in other.attempt("dance").stderr
    assert "bin/cluster starts it" in other.attempt("restart").stderr
    assert other.running() == {}


def test_a_part_that_does_not_start_is_named_with_its_words(machine: Machine) -> None:
    machine.run("stop")
    done = machine.attempt(EDGE_ORDER_RATE="often")
    assert done.returncode == 1
    assert "The edge takes none of it" in done.stderr
    assert 'invalid rate "rate=often"' in done.stderr
    assert "Traceback" not in done.stderr
