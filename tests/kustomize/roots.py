"""Build an image without an image builder: each stage of a Dockerfile gets its own root, and chroot runs its steps
there.

Each step has its own mount and PID namespaces (unshare(1)), so its mounts and processes end with it.
"""

import ast
import contextlib
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from deploy.local.processes import SEARCH_PATH
from tests.harness.servers import die_with_parent
from tests.kustomize import dockerfile

# Replaces a pulled base image by the Debian release of that name, made by debootstrap from Debian's own mirror.
DEBIAN = {"debian:12-slim": "bookworm"}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
STEP_TIMEOUT_S = 900

ALONE = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
# $1 is the root, as chroot(1) expects it; $CLIENT is the folder of this machine's apt and pip settings (`client`).
BUILDING = """
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/dev/shm"
mount --bind "$CLIENT" "$1/mnt"
exec chroot "$@"
"""
# As in a pod, only /tmp and the runtime's mounts are writable.
READ_ONLY = """
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/dev/shm"
mount -t tmpfs tmpfs "$1/tmp"
exec chroot "$@"
"""
NO_RIGHTS = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]


def missing() -> str:
    """Return why no root can be made on this machine; an empty string when it can."""
    if os.getuid() != 0:
        again = "sudo .venv/bin/python -m pytest --full tests/kustomize/test_dockerfile.py"
        return f"not root, which debootstrap, chroot and mount need: {again}"
    packages = {"debootstrap": "debootstrap", "unshare": "util-linux", "mount": "mount"}
    absent = [program for program in packages if not shutil.which(program, path=SEARCH_PATH)]
    if absent:
        needed = " ".join(sorted({packages[program] for program in absent}))
        return f"{' and '.join(absent)} not found (Debian: apt-get install {needed})"
    tried = subprocess.run([*ALONE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True)
    return f"root may not mount here: {tried.stderr.strip()}" if tried.returncode else ""


@dataclass
class Root:
    """A root folder with its image's metadata: environment, working folder, user and command."""

    folder: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    workdir: str = "/"
    user: str = "0"
    group: str = "0"
    cmd: list[str] = field(default_factory=list)

    def copy(self, to: Path) -> "Root":
        subprocess.run(["cp", "-a", "--reflink=auto", self.folder, to], check=True)
        return replace(self, folder=to, env=self.env.copy())

    def command(self, command: list[str], script: str, env: dict[str, str], rights: list[str]) -> list[str]:
        """Return the command line that runs `command` in this root as its user, as pid 1 of a new PID namespace, with
        only the image's environment and `env`."""
        who = [f"--reuid={self.user}", f"--regid={self.group}", "--clear-groups", "--pdeathsig=KILL", *rights]
        values = [f"{name}={value}" for name, value in (self.env | env).items()]
        inside = ["setpriv", *who, "env", "-i", "-C", self.workdir, *values, *command]
        return [*ALONE, "sh", "-euc", script, "sh", str(self.folder), *inside]

    def in_a_pod(self, command: list[str], env: dict[str, str]) -> list[str]:
        return self.command(command, READ_ONLY, {"HOME": "/"} | env, NO_RIGHTS)

    def programs(self) -> set[str]:
        """Return the names of the executables: all files in folders named bin or sbin."""
        return {path.name for path in self.folder.glob("**/bin/*")} | {
            path.name for path in self.folder.glob("**/sbin/*")
        }

    def packages(self) -> set[str]:
        """Return the names of the installed Debian packages."""
        command = ["chroot", str(self.folder), "dpkg", "-l"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return set(re.findall(r"^ii +([^\s:]+)", listed, re.M))


class Client(NamedTuple):
    """This machine's apt and pip settings for use in a root, where `folder` is mounted at /mnt."""

    folder: Path
    env: dict[str, str]


def client(folder: Path) -> Client:
    """Write this machine's apt and pip settings into `folder`; return them as a Client. Local paths in the settings
    are left out: they do not exist in the root."""
    folder.mkdir()
    env = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    for name, value in re.findall(r"^(?:global|install|:env:)\.([\w-]+)=(.+)$", listed.stdout, re.M):
        words = [word for word in ast.literal_eval(value).split() if not word.startswith(("/", "file:"))]
        if words:
            env["PIP_" + name.upper().replace("-", "_")] = " ".join(words)
    if authorities := ssl.get_default_verify_paths().cafile:
        shutil.copy(authorities, folder / "authorities.crt")
        env["PIP_CERT"] = "/mnt/authorities.crt"
    if shutil.which("apt-config"):
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
        (folder / "apt.conf").write_text("".join(re.findall(r"^Acquire::.*\n", dump, re.M)))
        env["APT_CONFIG"] = "/mnt/apt.conf"
    return Client(folder, env)


class Builder:
    """Runs a Dockerfile's steps in `folder`, with the build context of the project at `project`."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.folder = folder
        self.context = folder / "context"
        dockerfile.make_context(project, self.context)
        self.client = client(folder / "client")
        self.roots: dict[str, Root] = {}

    def build(self, text: str) -> dict[str, Root]:
        """Build all stages; return the root of each. Raises AssertionError with the end of a failed step's output."""
        for stage in dockerfile.read(text):
            place = self.folder / f"root-{stage.name}"
            root = self.roots[stage.base].copy(place) if stage.base in self.roots else self._debian(stage.base, place)
            for step in stage.steps:
                self._follow(root, step)
            self.roots[stage.name] = root
        return self.roots

    def _debian(self, image: str, place: Path) -> Root:
        self._do([*ALONE, "debootstrap", "--variant=minbase", DEBIAN[image], str(place)])
        # As in the official image, dpkg skips fsync: a root that a power cut broke is discarded anyway.
        (place / "etc/dpkg/dpkg.cfg.d/unsafe-io").write_text("force-unsafe-io\n")
        return Root(place)

    def _follow(self, root: Root, step: dockerfile.Step) -> None:
        match step.word, step.said:
            case "RUN", {"line": line}:
                env = {"HOME": "/root"} | self.client.env
                self._do(root.command(["sh", "-c", line], BUILDING, env, []))
            case "COPY", {"stage": stage, "sources": sources, "to": to}:
                origin = self.roots[stage].folder if stage else self.context
                for source in sources.split():
                    _copy(origin / source.lstrip("/"), self._inside(root, to))
            case "ENV", {"name": name, "value": value}:
                root.env[name] = value
            case "WORKDIR", {"to": to}:
                root.workdir = to
                self._inside(root, to).mkdir(parents=True, exist_ok=True)
            case "USER", {"user": user, "group": group}:
                root.user, root.group = user, group
            case "CMD", {"command": command}:
                root.cmd = json.loads(command)
            case "EXPOSE", _:
                pass  # documentation only

    def _inside(self, root: Root, path: str) -> Path:
        return root.folder / os.path.join(root.workdir, path).lstrip("/")

    def _do(self, command: list[str]) -> None:
        env = os.environ | {"CLIENT": str(self.client.folder), "PATH": SEARCH_PATH}
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STEP_TIMEOUT_S,
            preexec_fn=die_with_parent,
        )
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout[-5000:]}"


def _copy(source: Path, to: Path) -> None:
    """Copy as COPY does: a file into the folder `to`, a folder's content into `to`; all owned by root."""
    if source.is_dir():
        shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True)
    else:
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, to)


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A temporary folder on disk for this process, removed at the end. Leftovers of killed runs are removed first."""
    home = Path(os.environ.get("TMPDIR", "/var/tmp"))
    for old in home.glob("cafe-roots-*"):
        if not Path(f"/proc/{old.name.split('-')[2]}").exists():
            _remove(old)
    folder = Path(tempfile.mkdtemp(prefix=f"cafe-roots-{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder; assert that nothing is mounted in it. Retry for 10 s: a process of an interrupted step may
    still be writing."""
    assert f" {folder}" not in Path("/proc/self/mountinfo").read_text(), f"something is mounted in {folder}"
    deadline = time.monotonic() + 10
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)
    assert not folder.exists(), f"{folder} cannot be removed"
