"""Zero-downtime release: instances stop, die and are replaced behind one address, and no client gets an error."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.crowd import Crowd, Person
from tests.deploy.edge import SharingInstance
from tests.deploy.testbed import UNLIMITED, Testbed
from tests.e2e.broken_network import BrokenNetwork
from tests.harness.running_cafe import ROOT
from tests.kustomize.dockerfile import make_context

FIGURES = "figures"
UNKNOWN_HASH = re.compile(r"\.[0-9a-f]{12}\.")
HASH_IN_CSS = re.compile(rb"\.[0-9a-f]{12}\.woff2")


@pytest.fixture(scope="module")
def new_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of the next release, with its static files collected."""
    source = tmp_path_factory.mktemp("release") / "cafe"
    make_context(ROOT, source)
    for file in [*source.glob("static/css/**/*.css"), *source.glob("static/js/*.js")]:
        file.write_text(file.read_text() + "\n/* the next release */\n")
    env = {"CAFE_DATA_DIR": f"{source}/var", "SECRET_KEY": "for-this-step-alone", "PATH": os.environ["PATH"]}
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(collect, cwd=source, env=env, check=True)
    return source


@pytest.fixture
def new_release(new_source: Path, tmp_path: Path, testbed: Testbed) -> Iterator[list[SharingInstance]]:
    instances = [
        testbed.new_instance(tmp_path / f"new-{number}", source=new_source)
        for number in range(len(testbed.instances))
    ]
    yield instances
    for program in instances:
        program.kill()
    for program in testbed.instances:
        if program.process is None:
            program.start()


# gunicorn's own worker, without our graceful shutdown (drain of the accept queue)
UNPREPARED = ("--worker-class=gthread", "--graceful-timeout=2")


def stop_and_start(instances: list[SharingInstance], rounds: int) -> None:
    for _ in range(rounds):
        for program in instances:
            program.stop()
            time.sleep(0.2)
            program.start()


def test_a_program_that_leaves_takes_nobody_with_it(testbed: Testbed, full_size: bool, record_property) -> None:
    with Crowd(testbed.edge) as crowd:
        stop_and_start(testbed.instances, rounds=20 if full_size else 1)
    record_property(FIGURES, crowd.in_words())
    assert crowd.failures() == {}


@pytest.mark.only_full
def test_without_our_worker_a_leaving_program_takes_some_with_it(
    testbed: Testbed, tmp_path: Path, record_property
) -> None:
    for program in testbed.instances:
        program.stop()
    unprepared = [testbed.new_instance(tmp_path / str(number), *UNPREPARED) for number in range(3)]
    for each in unprepared:
        each.start()
    try:
        with Crowd(testbed.edge, pause_s=0.01) as crowd:
            deadline = time.monotonic() + 120
            while not crowd.failures() and time.monotonic() < deadline:
                stop_and_start(unprepared[:1], rounds=1)
    finally:
        for each in unprepared:
            each.kill()
        for program in testbed.instances:
            program.start()
    record_property(FIGURES, crowd.in_words())
    assert crowd.failures()


@pytest.mark.only_full
def test_a_killed_program_costs_no_read_and_loses_or_doubles_no_order(
    testbed: Testbed, full_size: bool, record_property
) -> None:
    with Crowd(testbed.edge) as crowd:
        for _ in range(20 if full_size else 1):
            for program in testbed.instances:
                program.kill()
                time.sleep(0.2)
                program.start()
    record_property(FIGURES, crowd.in_words())
    # The edge retries a read unless its answer has begun: then it breaks off, once in some thousands.
    reads = [answer for answer in crowd.answers if answer.status != 200]
    assert {answer.whose for answer in reads} <= {"nobody"}
    assert len(reads) <= 1 + len(crowd.answers) / 1000
    assert {answer.whose for answer in crowd.orders if answer.status != 201} <= {"unavailable_order", "nobody"}
    by_key = testbed.orders_by_key()
    assert {key: by_key.get(key) for key in crowd.placed} == {key: [id_] for key, id_ in crowd.placed.items()}


def test_a_read_that_broke_off_is_tried_again_and_a_post_is_not(testbed: Testbed, tmp_path: Path) -> None:
    """A POST that broke off may have been executed: only its sender may retry it, under its idempotency key."""
    line = BrokenNetwork(int(testbed.common.address.partition(":")[2]))
    edge = testbed.new_edge(tmp_path / "edge", instances=line.address, **UNLIMITED).start()
    person = Person(edge)
    try:
        line.answers_to_lose = 2
        assert person.get("/en/cart/").status == 200
        assert line.heard == ["GET /en/cart/"] * 3
        line.answers_to_lose, line.heard = 2, []
        lost = person.order("a-key")
        posted = person.ask("POST", "/en/cart/add/", b"item=latte", {"Origin": edge.url})
    finally:
        edge.stop()
        line.close()
    assert (lost.status, lost.json["error"]["code"]) == (503, "unavailable")
    assert posted.status == 503
    assert line.heard == ["POST /api/orders", "POST /en/cart/add/"]
    assert len(testbed.orders_by_key()["a-key"]) == 1
    assert Person(testbed.edge).order("a-key").json["order_id"] == testbed.orders_by_key()["a-key"][0]


@pytest.mark.only_full
def test_all_programs_are_replaced_by_a_release_with_other_files(
    testbed: Testbed, new_release: list[SharingInstance], full_size: bool, record_property
) -> None:
    old_assets = Person(testbed.edge).assets_of("/en/")
    with Crowd(testbed.edge) as crowd:
        for old, new in zip(testbed.instances, new_release, strict=True):
            new.start()
            time.sleep(0.5)
            old.stop()
            time.sleep(5 if full_size else 0.5)
        time.sleep(3)  # longer than the edge caches a page of the old release
    record_property(FIGURES, crowd.in_words())
    assert crowd.failures() == {}
    new_assets = Person(testbed.edge).assets_of("/en/")
    assert new_assets
    assert not set(old_assets) & {asset for asset in new_assets if asset.endswith((".css", ".js"))}


@pytest.mark.only_full
def test_a_file_of_one_release_is_found_while_two_run(
    testbed: Testbed, new_release: list[SharingInstance], new_source: Path
) -> None:
    """The requests bypass the cache, as a signed-in user's do: the edge finds the file, whichever instance it asks
    first."""
    new_release[0].start()
    testbed.instances[1].stop()
    testbed.instances[2].stop()
    new_css = next(asset for asset in Person(new_release[0]).assets_of("/en/") if asset.endswith(".css"))
    people = [Person(testbed.edge, Cookie="sessionid=x") for _ in range(12)]  # enough to use several connections
    with ThreadPoolExecutor(len(people)) as pool:
        by_person = pool.map(lambda person: [person.get(new_css) for _ in range(10)], people)
        told = [answer for answers in by_person for answer in answers]
    assert {answer.status for answer in told} == {200}
    marks = {b"the next release" in answer.body: answer.headers["Cache-Control"] for answer in told}
    assert marks[True] == "max-age=315360000, public, immutable"
    assert marks.get(False, "no-store") == "no-store"
    asked = [line["program_status"] for line in testbed.edge.logged() if line["path"] == new_css]
    assert [statuses for statuses in asked if re.fullmatch("(404, )+200", statuses)]


@pytest.mark.only_full
def test_a_file_that_no_program_has_any_more_is_answered_with_this_release_s_own(testbed: Testbed) -> None:
    person = Person(testbed.edge)
    css = next(asset for asset in person.assets_of("/en/") if asset.endswith(".css"))
    gone = UNKNOWN_HASH.sub(".0123456789ab.", css)
    current, stood_in = person.get(css), person.get(gone)
    assert stood_in.status == 200
    assert stood_in.body == HASH_IN_CSS.sub(b".woff2", current.body), "but for the address of the font"
    assert stood_in.headers["Cache-Control"] == "no-store"
    assert "no-store" not in current.headers["Cache-Control"]


def test_a_missing_file_is_asked_for_again_each_time(testbed: Testbed) -> None:
    person = Person(testbed.edge)
    told = [person.get("/static/css/nothing.0123456789ab.css") for _ in range(3)]
    assert {answer.status for answer in told} == {404}
    assert {answer.headers.get("X-Cache-Status") for answer in told} <= {"MISS", None}
    assert all("max-age" not in answer.headers.get("Cache-Control", "") for answer in told)


@pytest.mark.only_full
def test_the_edge_lets_go_of_a_kept_connection_before_a_program_does() -> None:
    gunicorn = re.search(r"^keepalive = (\d+)$", (ROOT / "gunicorn.conf.py").read_text(), re.MULTILINE)
    edge = re.search(r"keepalive 64;\s*keepalive_timeout (\d+)s;", (ROOT / "deploy/nginx/nginx.conf").read_text())
    assert gunicorn
    assert edge
    assert int(gunicorn[1]) > int(edge[1])


def test_nginx_finds_its_configuration_sound(testbed: Testbed) -> None:
    done = testbed.edge.check_configuration()
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
