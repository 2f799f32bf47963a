"""Photos are encoded one at a time in a separate process; however it ends, the server answers with a message."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from menu.models import Picture
from menu.photos import encoder_process
from menu.photos.encoder_answer import packed, unpacked
from menu.photos.encoder_process import encode_photo
from menu.photos.limits import PhotoRefused
from tests.harness.running_cafe import ROOT
from tests.menu.photo_samples import gradient, photo, saved

BUSY = "Another photo is being prepared. Please try again in a moment."
UNDECODABLE = "This photo is damaged, or takes more memory than we give to one. "
UNDECODABLE += "Please save it as an ordinary JPEG and send that."


@pytest.fixture
def lock_file() -> Path:
    return encoder_process.LOCK_FILE


def upload(client: Client, content: bytes) -> list[list[str]]:
    """Post the upload form, and return its errors."""
    sent = {"title": "Latte", "file": SimpleUploadedFile("latte.jpg", content)}
    answer = client.post("/admin/menu/picture/add/", sent)
    return [] if answer.status_code == 302 else list(answer.context["errors"])


def becomes(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the encoder process run this Python code instead."""
    monkeypatch.setattr(encoder_process, "COMMAND", [sys.executable, "-c", code])


def refusal() -> str:
    with pytest.raises(PhotoRefused) as refused:
        encode_photo(BytesIO(photo()))
    return refused.value.code


# The slot


@contextmanager
def held(lock_file: Path) -> Iterator[None]:
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_second_photo_is_told_to_wait_and_then_taken(
    manager_client: Client, lock_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder_process, "MAX_WAIT_S", 0.2)
    with held(lock_file):
        assert upload(manager_client, photo()) == [[BUSY]]
        assert not Picture.objects.exists()
    assert upload(manager_client, photo()) == []
    assert Picture.objects.count() == 1


def test_a_second_photo_waits_for_the_slot(lock_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_process, "MAX_WAIT_S", 60)
    with ThreadPoolExecutor(1) as other:
        with held(lock_file):
            waiting = other.submit(encode_photo, BytesIO(photo()))
            time.sleep(0.3)
            assert not waiting.done()
        assert waiting.result().width == 300


NOTES_WHEN = """
import os, time
with open({notes!r}, "a") as notes:
    for word in ("begins", "ends"):
        os.write(notes.fileno(), (word + " ").encode())
        time.sleep(0.2)
"""


@pytest.mark.parametrize("has_slot", [True, False], ids=["with the slot", "control: without it"])
def test_no_two_processes_run_at_once(has_slot: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_process, "MAX_WAIT_S", 60)
    if not has_slot:
        monkeypatch.setattr(encoder_process, "_wait_for", lambda lock: None)
    notes = tmp_path / "notes"
    becomes(monkeypatch, NOTES_WHEN.format(notes=str(notes)))
    threads = [threading.Thread(target=refusal) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one_by_one = "begins ends " * 4
    assert (notes.read_text() == one_by_one) is has_slot
    assert sorted(notes.read_text().split()) == ["begins"] * 4 + ["ends"] * 4


def test_the_slot_is_held_as_long_as_the_process_lives(
    tmp_path: Path, lock_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killing a server process leaves its encoder process running."""
    started = tmp_path / "started"
    code = (
        "import io, pathlib; from menu.photos import encoder_process as e\n"
        f"e.LOCK_FILE = pathlib.Path({str(lock_file)!r})\n"
        f"e.COMMAND = ['sh', '-c', 'echo $$ > {started}; exec sleep 60']\n"
        "e.encode_photo(io.BytesIO())"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    while not (started.exists() and started.read_text().strip()):
        time.sleep(0.05)
    server.kill()
    server.wait()
    monkeypatch.setattr(encoder_process, "MAX_WAIT_S", 0.2)
    assert refusal() == "busy"
    os.kill(int(started.read_text()), 9)
    monkeypatch.setattr(encoder_process, "MAX_WAIT_S", 30)
    assert encode_photo(BytesIO(photo())).width == 300


# How the process ends


@pytest.mark.few_cases(4)
@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("import os; os.kill(os.getpid(), 9)", "undecodable"),
        ("import os; os.abort()", "undecodable"),
        ("import os; os.kill(os.getpid(), 11)", "undecodable"),
        ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 2))\nwhile True: pass", "too_slow"),
        ("raise ImportError('no Pillow here')", "unavailable"),
        ("print('not an answer')", "undecodable"),
        ("", "undecodable"),
        ("print('{}')", "undecodable"),
        ("print('[1]')", "undecodable"),
        ('print(\'{"width": "x", "height": 1, "content_bytes": 1}\')', "undecodable"),
    ],
)
def test_a_process_that_fails_has_refused_the_photo(monkeypatch: pytest.MonkeyPatch, code: str, refused: str) -> None:
    becomes(monkeypatch, code)
    assert refusal() == refused


def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encoder_process, "MAX_ENCODING_S", 1)
    pid = tmp_path / "pid"
    becomes(monkeypatch, f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    assert refusal() == "too_slow"
    assert not pid.exists() or not Path(f"/proc/{pid.read_text()}").exists()


def test_a_process_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_process, "COMMAND", ["/nowhere/python"])
    assert refusal() == "unavailable"


def test_a_lock_that_cannot_be_opened_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").touch()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for lock in (tmp_path / "nowhere" / "lock", tmp_path / "link"):
        monkeypatch.setattr(encoder_process, "LOCK_FILE", lock)
        assert refusal() == "unavailable"


def test_a_killed_process_is_a_word_in_the_form_and_nothing_is_written(
    manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    becomes(monkeypatch, "import os; os.kill(os.getpid(), 9)")
    assert upload(manager_client, photo()) == [[UNDECODABLE]]
    assert not Picture.objects.exists()


# Input and output of the process


def test_the_process_has_no_secret_of_the_servers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DB_PASSWORD", "a secret")
    monkeypatch.setenv("SECRET_KEY", "a secret")
    said = tmp_path / "said"
    becomes(monkeypatch, f"import os; open({str(said)!r}, 'w').write(str(dict(os.environ)))")
    refusal()
    assert "secret" not in said.read_text()
    assert "SECRET_KEY" not in said.read_text()


def test_the_process_imports_no_django() -> None:
    code = "import sys; from menu.photos import encoder_worker, encoding, heif; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(("size", "is_large"), [((300, 200), False), ((1500, 1000), True)])
def test_an_upload_in_memory_and_one_in_a_file_are_read_alike(
    manager_client: Client, settings: Any, size: tuple[int, int], is_large: bool
) -> None:
    content = saved(gradient(size), "PNG", compress_level=0)
    assert (len(content) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE) is is_large
    assert upload(manager_client, content) == []
    assert Picture.objects.get().width == min(1200, size[0])


def test_the_answer_is_read_as_it_was_written() -> None:
    encoded = encode_photo(BytesIO(photo()))
    assert unpacked(packed(encoded)) == encoded
    with pytest.raises(PhotoRefused) as refused:
        unpacked(packed(PhotoRefused("side_too_long", {"limit": 20_000})))
    assert (refused.value.code, refused.value.facts) == ("side_too_long", {"limit": 20_000})
