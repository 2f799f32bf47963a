"""bin/image and its Dockerfile. The script is real; the image builder that it finds on PATH is a fake."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.kustomize.cluster import ROOT, Workshop

FAKE = """#!/bin/sh
echo "${0##*/} $*" >> "$CALLS"
case "$*" in
    info) exit "${WORKS:-0}" ;;
    *inspect*) [ -n "${DIGEST:-}" ] && echo "name@$DIGEST" ;;
esac
"""
DIGEST = "sha256:" + "ab" * 32
Image = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    Workshop(tmp_path)
    for name in ("image", "kustomize"):
        shutil.copy(ROOT / "bin" / name, tmp_path / "bin")
    (tmp_path / "fakes").mkdir()
    return tmp_path


@pytest.fixture
def image(project: Path) -> Image:
    def run(*arguments: str, builders: str = "docker", **env: str) -> "subprocess.CompletedProcess[str]":
        for builder in builders.split():
            fake = project / "fakes" / builder
            fake.write_text(FAKE)
            fake.chmod(0o755)
        path = f"{project}/fakes:{os.environ['PATH']}"
        own = {"PATH": path, "HOME": str(project), "CALLS": str(project / "calls")}
        return subprocess.run([project / "bin/image", *arguments], env=own | env, capture_output=True, text=True)

    return run


def release(project: Path) -> dict[str, list[dict[str, str]]]:
    path = project / "deploy/kustomize/overlays/prod/release/kustomization.yaml"
    found: dict[str, list[dict[str, str]]] = yaml.safe_load(path.read_text())
    return found


def calls(project: Path) -> list[str]:
    return (project / "calls").read_text().splitlines()


def test_it_builds_for_dev_if_nothing_is_said(project: Path, image: Image) -> None:
    assert image().returncode == 0
    name = "docker.io/library/cloud-cafe:dev"
    assert f"docker build --tag {name} --file deploy/image/Dockerfile ." in calls(project)


@pytest.mark.parametrize("builder", ["docker", "podman", "buildah"])
def test_each_builder_saves_what_k3s_imports(project: Path, image: Image, builder: str) -> None:
    done = image("--save", "cafe.tar", builders=builder, BUILDER=builder)
    assert "sudo k3s ctr images import cafe.tar" in done.stdout
    saved = {"buildah": "buildah push docker.io/library/cloud-cafe:dev docker-archive:cafe.tar:"}
    wanted = saved.get(builder, f"{builder} save --output cafe.tar docker.io/library/cloud-cafe:dev")
    assert [call for call in calls(project) if call.startswith(wanted)]


def test_a_builder_that_does_not_work_is_passed_over(project: Path, image: Image) -> None:
    (project / "fakes/docker").write_text("#!/bin/sh\nexit 1\n")
    (project / "fakes/docker").chmod(0o755)
    assert image(builders="podman").returncode == 0
    assert [call for call in calls(project) if call.startswith("podman build")]


def test_pins_are_what_the_registry_says(project: Path, image: Image) -> None:
    name = "registry.example.com:5000/cloud-cafe"
    done = image("--name", name, "--tag", "r1-4-2", "--push", "--pin", DIGEST=DIGEST)
    assert done.returncode == 0, done.stderr
    pins = {pin["name"]: pin for pin in release(project)["images"]}
    assert pins.keys() == {"cloud-cafe", "mariadb", "redis", "nginxinc/nginx-unprivileged"}
    assert pins["cloud-cafe"] == {"name": "cloud-cafe", "newName": name, "newTag": "r1-4-2", "digest": DIGEST}
    subprocess.run([project / "bin/secrets"], check=True, capture_output=True)
    built = subprocess.run(
        [ROOT / "bin/kustomize", "build", project / "deploy/kustomize/overlays/prod"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    images = set(re.findall(r"image: (\S+)", built))
    assert f"{name}:r1-4-2@{DIGEST}" in images
    assert all(image.endswith(DIGEST) for image in images)
    assert "name: migrate-r1-4-2\n" in built


@pytest.mark.parametrize("said", ["", "sha256:abc", "latest"])
def test_no_digest_is_invented(project: Path, image: Image, said: str) -> None:
    before = release(project)
    done = image("--tag", "r1", "--push", "--pin", DIGEST=said)
    assert done.returncode != 0
    assert release(project) == before


@pytest.mark.parametrize("tag", ["1.4.2", "R1", "-r1", "r1-", "r" * 41, "r1:2"])
def test_a_tag_that_no_job_can_carry_is_refused(project: Path, image: Image, tag: str) -> None:
    done = image("--tag", tag)
    assert done.returncode == 1
    assert "a Job's name carries it" in done.stderr
    assert not (project / "calls").exists()


def test_a_release_that_is_not_pushed_is_pinned_by_its_tag(project: Path, image: Image) -> None:
    assert image("--tag", "r2", "--pin").returncode == 0
    assert release(project)["images"] == [{"name": "cloud-cafe", "newName": "cloud-cafe", "newTag": "r2"}]


# The Dockerfile's text

DOCKERFILE = (ROOT / "deploy/image/Dockerfile").read_text()
STAGES = re.split(r"^FROM ", DOCKERFILE, flags=re.M)[1:]


def test_all_stages_begin_with_debian_12() -> None:
    assert [stage.splitlines()[0] for stage in STAGES] == ["debian:12-slim AS base", "base AS build", "base"]


def test_the_last_stage_has_no_compiler_and_no_root() -> None:
    assert not re.search(r"gcc|-dev\b", STAGES[0] + STAGES[2])
    assert "USER 10001:10001" in STAGES[2]
    assert "pip uninstall" in STAGES[1]


def test_programs_are_the_first_process() -> None:
    assert 'CMD ["gunicorn", "cafe.wsgi:application"]' in STAGES[2]
    assert not re.search(r"^(CMD|ENTRYPOINT) (?!\[)", DOCKERFILE, re.M)


def test_no_key_is_left_in_the_image() -> None:
    [line] = [line for line in DOCKERFILE.splitlines() if "collectstatic" in line and line.startswith("RUN")]
    assert line.startswith("RUN SECRET_KEY=")
    assert not re.search(r"^(ARG|ENV) .*(SECRET|PASSWORD)", DOCKERFILE, re.M)


def test_everything_that_is_copied_is_let_in() -> None:
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M)
        for word in line.split()[:-1]
    }
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
