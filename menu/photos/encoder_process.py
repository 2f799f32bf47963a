"""Encode a photo in a separate process (`worker`), one at a time on a machine: no photo can harm the server."""

import contextlib
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from menu.photos import encoder_answer
from menu.photos.encoder_answer import EncodedPhoto
from menu.photos.limits import PhotoRefused

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "menu.photos.encoder_worker"]
# No other variables: the process that reads untrusted bytes gets no secret of the server.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
LOCK_FILE = Path(tempfile.gettempdir()) / f"cloud-cafe-photo-{os.getuid()}.lock"
# Their sum is below the edge's timeout of 15 s for the answer to a form.
MAX_WAIT_S = 2
MAX_ENCODING_S = 12
POLL_S = 0.05

log = logging.getLogger("menu.photos")


def encode_photo(file: IO[bytes]) -> EncodedPhoto:
    """Return the photo re-encoded as it is stored. Raises PhotoRefused, and leaves no process or file behind.

    1. Wait for the slot, at most MAX_WAIT_S: one photo at a time, among all processes of this machine.
    2. Hand the file to a new process, which holds the slot as long as it lives.
    3. Read its answer. A process that crashes, is killed, or exceeds MAX_ENCODING_S is a refusal.
    """
    with _slot() as slot, _as_real_file(file) as source:
        try:
            done = subprocess.run(
                COMMAND,
                stdin=source,
                capture_output=True,
                timeout=MAX_ENCODING_S,
                pass_fds=[slot],
                cwd=ROOT,
                env=ENVIRONMENT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PhotoRefused("too_slow") from error
        except OSError as error:
            log.exception("photo_encoder_not_started")
            raise PhotoRefused("unavailable") from error
    return _answer_of(done)


@contextlib.contextmanager
def _slot() -> Iterator[int]:
    """Hold the lock (flock) on LOCK_FILE. A process that inherits the descriptor holds it as well."""
    try:
        lock = os.open(LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        log.exception("photo_lock_not_opened")
        raise PhotoRefused("unavailable") from error
    try:
        _wait_for(lock)
        yield lock
    finally:
        os.close(lock)


def _wait_for(lock: int) -> None:
    deadline = time.monotonic() + MAX_WAIT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise PhotoRefused("busy") from None
            time.sleep(POLL_S)
        else:
            return


@contextlib.contextmanager
def _as_real_file(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield the file, from its beginning, as one that another process can read: a large upload is one already."""
    file.seek(0)
    try:
        os.lseek(file.fileno(), 0, os.SEEK_SET)
    except OSError:  # io.UnsupportedOperation: a small upload, in memory
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield copy
    else:
        yield file


def _answer_of(done: "subprocess.CompletedProcess[bytes]") -> EncodedPhoto:
    if done.returncode or done.stderr:
        said = done.stderr[-2000:].decode(errors="replace")
        log.warning("photo_encoder_failed", extra={"returncode": done.returncode, "stderr": said})
    if done.returncode == -signal.SIGXCPU:
        raise PhotoRefused("too_slow")
    if done.returncode > 0:
        raise PhotoRefused("unavailable")  # it failed before it read the photo
    if done.returncode < 0:
        raise PhotoRefused("undecodable")  # killed by a signal: its decoder crashed, or it ran out of memory
    return encoder_answer.unpacked(done.stdout)
