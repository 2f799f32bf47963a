"""Stand-ins for container images: this machine's executables, our source tree, and parts of official entrypoints."""

import json
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.kustomize import dockerfile
from tests.kustomize.cluster import ROOT

HERE = Path(__file__).resolve().parent
SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Mount:
    source: str
    target: str
    read_only: bool


@dataclass(frozen=True)
class Image:
    """Stands in for a container image: mounts over this machine's files, environment, working folder, entrypoint."""

    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/"
    entrypoint: tuple[str, ...] = ()


def our_image(tree: Path) -> Image:
    """Return our own image of `tree`: the build context that .dockerignore allows, with static files in var/static.

    The virtual environment that runs the tests is mounted at /opt/venv.
    """
    *_build, last = dockerfile.read((ROOT / "deploy/image/Dockerfile").read_text())
    *_other, base = [stage for stage in _build if stage.name == last.base]
    said = [(step.word, step.said) for step in base.steps + last.steps]
    env = {each["name"]: each["value"] for word, each in said if word == "ENV"}
    folder = [each["to"] for word, each in said if word == "WORKDIR"][-1]
    command = [json.loads(each["command"]) for word, each in said if word == "CMD"][-1]
    venv = Path(sys.prefix)
    gunicorn = tree.with_name(f"{tree.name}-gunicorn")
    gunicorn.write_text(re.sub(r"^#!.*", "#!/opt/venv/bin/python", (venv / "bin/gunicorn").read_text()))
    gunicorn.chmod(0o755)
    places = {str(venv): "/opt/venv", str(gunicorn): "/opt/venv/bin/gunicorn", str(tree): folder}
    if sys.base_prefix != "/usr":  # a Python outside /usr is mounted too
        places = {sys.base_prefix: sys.base_prefix, **places}
    return Image(tuple(Mount(source, target, True) for source, target in places.items()), env, folder, tuple(command))


def make_tree(tree: Path, collected: Path) -> Path:
    """Copy the build context of the image and the collected static files into `tree`; return it."""
    dockerfile.make_context(ROOT, tree)
    shutil.copytree(collected, tree / "var/static")
    return tree


def official_images() -> dict[str, Image]:
    def entrypoint(name: str, target: str) -> Mount:
        return Mount(str(HERE / f"images/{name}/docker-entrypoint.sh"), target, True)

    mariadb = entrypoint("mariadb", "/usr/local/bin/docker-entrypoint.sh")
    return {
        "mariadb": Image((mariadb,), {"PATH": SEARCH}, "/", (mariadb.target,)),
        "redis": Image((), {"PATH": SEARCH}, "/data", ()),
        "nginxinc/nginx-unprivileged": Image((entrypoint("nginx", "/docker-entrypoint.sh"),), {"PATH": SEARCH}),
    }
