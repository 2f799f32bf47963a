"""Run a command as one container of a pod: with the pod's files and user, and without capabilities.

    python container_exec.py DESCRIPTION  # a JSON file with the fields of `Description` in tests.rehearsal.containers

It uses the system calls of a container runtime: a user and a mount namespace (user_namespaces(7)), a root file system
that shows this machine's files read-only, and the pod's mounts; then it replaces itself by the command (exec). The
network stays this machine's. It needs no package and, where the kernel allows unprivileged namespaces, no root.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = 442, -100, 0x8000, 1
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
HOST = "/host"  # mount point of the machine's own root in the container
# Folders that start empty instead of showing the machine's; the pod may mount into them.
EMPTY = ("tmp", "run", "home", "root", "mnt", "media", "srv", "proc", "dev", "sys", "boot")

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: Any) -> None:
    words = [word.encode() if isinstance(word, str) else word for word in arguments]
    if getattr(libc, name)(*words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", arguments[1] if len(arguments) > 1 else None)


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, options: str = "") -> None:
    call("mount", source, target, kind, ctypes.c_ulong(flags), options or None)


def make_read_only(path: str) -> None:
    """Make the mount at `path`, and all mounts below it, read-only."""
    attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    call("syscall", MOUNT_SETATTR, AT_FDCWD, path, ctypes.c_uint(AT_RECURSIVE), ctypes.byref(attributes), size)


def become(uid: int, gid: int) -> None:
    """Enter a user namespace in which this process has these ids and all capabilities, and a mount namespace."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    call("unshare", CLONE_NEWUSER | CLONE_NEWNS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")
    mount(None, "/", flags=MS_REC | MS_PRIVATE)


class Root:
    """A root file system of symlinks to the machine's own. A folder with a mount inside becomes a real folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        mount("none", str(path), "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
        self._folder("")
        for name in EMPTY:
            self._replace(name).mkdir()
        (path / HOST[1:]).mkdir()
        mount("/", f"{path}{HOST}", flags=MS_BIND | MS_REC)
        make_read_only(f"{path}{HOST}")
        for name in ("proc", "dev"):
            mount(f"/{name}", str(path / name), flags=MS_BIND | MS_REC)
        mount("none", f"{path}/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m")

    def add(self, source: str, target: str, *, read_only: bool) -> None:
        """Bind-mount the file or folder `source` at `target`."""
        place = self._place(target)
        if not place.exists():
            place.mkdir() if Path(source).is_dir() else place.touch()
        mount(source, str(place), flags=MS_BIND | MS_REC)
        if read_only:
            make_read_only(str(place))

    def enter(self, *, read_only: bool) -> None:
        if read_only:
            flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV
            mount(None, str(self.path), flags=flags)
        os.chroot(self.path)

    def _place(self, target: str) -> Path:
        """Return the path at which to create `target`, with all folders above it made real."""
        above = ""
        for part in Path(target).parts[1:-1]:
            above = f"{above}/{part}"
            folder = self.path / above[1:]
            if folder.is_symlink() or not folder.exists():
                self._replace(above[1:]).mkdir()
                self._folder(above[1:])
        return self._replace(target[1:])

    def _folder(self, name: str) -> None:
        """Link each entry of the machine's folder of this name."""
        there = Path("/", name)
        if there.is_dir():
            for entry in os.listdir(there):
                (self.path / name / entry).symlink_to(Path(HOST, name, entry))

    def _replace(self, name: str) -> Path:
        place = self.path / name
        if place.is_symlink():
            place.unlink()
        return place


def drop_privileges() -> None:
    """Drop all privileges: `capabilities: {drop: [ALL]}` and `allowPrivilegeEscalation: false`."""
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # set again, as a change of ids clears it


def main(description: dict[str, Any]) -> None:
    for group in description["cgroups"]:
        Path(group, "cgroup.procs").write_text(str(os.getpid()))
    become(description["uid"], description["gid"])
    root = Root(Path(description["root"]))
    for each in description["mounts"]:
        root.add(each["source"], each["target"], read_only=each["read_only"])
    root.enter(read_only=description["read_only_root"])
    os.chdir(description["folder"])
    drop_privileges()
    command = description["command"]
    try:
        os.execvp(command[0], command)  # noqa: S606 — no shell is wanted
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
