"""The embedded default: `bin/run` as a subprocess with no settings in its environment, as a newcomer starts it."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.servers import die_with_parent, free_port

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 10


class Newcomer:
    """A `bin/run` process with an empty environment and its own data folder."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.env = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        self.env |= {"PORT": self.url.rpartition(":")[2], "CAFE_DATA_DIR": str(folder / "var")}
        self.log = folder / "log"

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["bin/run"], cwd=ROOT, env=self.env, stdout=log, stderr=log, preexec_fn=die_with_parent
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def is_ready(self) -> bool:
        try:
            return self.get("/health/ready/?format=json")[0] == 200
        except OSError:
            return False

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(self.url + path, timeout=10) as response:
            return response.status, response.read().decode()

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response)

    def stop(self) -> int:
        """Send SIGTERM, as systemd does; return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_TIMEOUT_S)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    newcomer = Newcomer(tmp_path_factory.mktemp("newcomer"))
    try:
        newcomer.start()
        yield newcomer
    finally:
        newcomer.process.kill()
        newcomer.process.wait()


def test_the_menu_is_served_with_nothing_set(newcomer: Newcomer) -> None:
    status, page = newcomer.get("/zh-hans/")
    assert status == 200
    assert "拿铁" in page


def test_the_address_and_the_demo_login_are_printed_once(newcomer: Newcomer) -> None:
    log = newcomer.log.read_text()
    assert log.count(newcomer.url) >= 1
    assert len(re.findall(r"demo / \S+", log)) == 1


def test_the_courses_order_goes_through(newcomer: Newcomer) -> None:
    body = {"customer_name": "缓存测试", "coffee_type": "美式咖啡", "quantity": 1, "total_price": 18.00}
    status, answer = newcomer.post("/api/orders", body)
    assert status == 201
    assert answer["message"] == "Order created successfully"
    newest = json.loads(newcomer.get("/api/orders")[1])[0]
    assert (newest["id"], newest["customer_name"]) == (answer["order_id"], "缓**")
    assert (newest["coffee_type"], newest["quantity"], newest["total_price"]) == ("美式咖啡", 1, 18)


def test_a_busy_port_is_said_at_once(newcomer: Newcomer) -> None:
    second = subprocess.run(["bin/run"], cwd=ROOT, env=newcomer.env, capture_output=True, text=True, timeout=20)
    port = newcomer.env["PORT"]
    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} is busy")
    assert second.stdout == ""


@pytest.mark.only_full
def test_it_ends_when_asked_and_keeps_its_orders_and_its_menu(newcomer: Newcomer) -> None:
    before = newcomer.get("/api/orders")[1]
    assert newcomer.stop() == 0
    newcomer.start()
    assert newcomer.get("/api/orders")[1] == before


def test_production_does_not_start_on_a_wrong_configuration(tmp_path: Path) -> None:
    newcomer = Newcomer(tmp_path)
    done = subprocess.run(
        ["bin/run"],
        cwd=ROOT,
        env=newcomer.env | {"CAFE_ENV": "production", "HOST": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
    )
    assert done.returncode != 0
    assert {"cafe.E002", "cafe.E004", "cafe.E005"} <= set(re.findall(r"cafe\.E\d+", done.stderr))
    assert not list(tmp_path.glob("var/*.sqlite3"))
