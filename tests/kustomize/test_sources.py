"""Consistency of the sources: files that kustomizations name, files in git, and values repeated in other files."""

import json
import re
import subprocess

import pytest
import yaml

from deploy.edge import DEFAULTS, REQUIRED
from tests.kustomize.cluster import ROOT, Cluster
from tests.kustomize.sizes import allowed_connections, connections, most_pods

KUSTOMIZE = ROOT / "deploy/kustomize"


def kustomization(folder: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load((ROOT / "deploy" / folder / "kustomization.yaml").read_text())
    return found


def components(folder: str) -> set[str]:
    return {name.rpartition("/")[2] for name in kustomization(f"kustomize/{folder}")["components"]}


def test_every_component_is_built_somewhere() -> None:
    there = {path.name for path in (KUSTOMIZE / "components").iterdir()}
    assert there == (components("tests/all-components") | components("overlays/prod")) - {"release"}


def test_prod_lists_what_the_issue_says_and_only_kinds_that_are_built_in() -> None:
    wanted = {
        "release",
        "migrate",
        "backup",
        "hpa",
        "pdb",
        "spread",
        "network-policies",
        "ingress",
        "generated-secret",
    }
    assert components("overlays/prod") == wanted
    assert kustomization("kustomize/overlays/prod")["components"][0] == "release"


def test_labels_never_reach_selectors() -> None:
    for path in KUSTOMIZE.rglob("kustomization.yaml"):
        found = yaml.safe_load(path.read_text())
        assert "commonLabels" not in found
        assert all("includeSelectors" not in labels for labels in found.get("labels", []))


def test_every_file_of_the_edge_is_in_its_configmaps() -> None:
    listed = {
        file.rpartition("=")[2]
        for made in kustomization("nginx")["configMapGenerator"]
        for file in [*made.get("files", []), *made.get("envs", [])]
    }
    nginx = ROOT / "deploy/nginx"
    there = {str(path.relative_to(nginx)) for path in nginx.rglob("*") if path.is_file()}
    assert listed == there - {"kustomization.yaml"}


def test_every_include_of_the_edge_is_mounted(clusters: dict[str, Cluster]) -> None:
    mounts = clusters["base"].pod("frontend").container("edge")["volumeMounts"]
    mounted = {mount["subPath"]: mount["mountPath"] for mount in mounts if "subPath" in mount}
    names = {path.name for path in (ROOT / "deploy/nginx/pages").glob("*.conf")}
    assert mounted == {name: f"/etc/edge/pages/{name}" for name in names}


def test_an_apply_can_note_what_it_applied(clusters: dict[str, Cluster]) -> None:
    """`kubectl apply` stores each object in an annotation of itself; annotations are limited to 256 KiB in all."""
    for thing in clusters["prod"].objects:
        assert len(json.dumps(thing)) < 200_000, thing["metadata"]["name"]


def test_the_edge_has_the_usual_limits(clusters: dict[str, Cluster]) -> None:
    env = clusters["prod"].env("edge-config")
    assert env.keys() == DEFAULTS.keys() | set(REQUIRED)
    own = {"EDGE_PAGES", "EDGE_TRUSTED", "EDGE_WORKERS", "EDGE_ORDER_CAP"}  # set per cluster
    assert {name: env[name] for name in DEFAULTS.keys() - own} == {
        name: DEFAULTS[name] for name in DEFAULTS.keys() - own
    }
    edges = clusters["prod"].of("HorizontalPodAutoscaler")["frontend"]["spec"]["minReplicas"]
    assert int(env["EDGE_ORDER_CAP"]) * edges == int(DEFAULTS["EDGE_ORDER_CAP"])


def test_the_table_of_connections_says_what_is_added_up(clusters: dict[str, Cluster]) -> None:
    prod = clusters["prod"]
    parts = connections(prod)
    text = (ROOT / "docs/operations.md").read_text()
    table = text.partition("## How many connections MariaDB must take")[2].partition("\n## ")[0]
    numbers = {int(number) for number in re.findall(r"\b\d+\b", table)}
    wanted = {most_pods(prod, "order-backend"), *parts.values(), sum(parts.values()), allowed_connections(prod)}
    assert wanted <= numbers


# Secrets

KEEPS_A_SECRET = re.compile(r"^\s*-?\s*(?:\w*(?:PASSWORD|SECRET_KEY)\w*)[=:]\s*(?P<value>\S+)\s*$", re.M)


def in_git() -> list[str]:
    done = subprocess.run(["git", "ls-files", "deploy", "bin"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_no_secret_is_in_git_but_the_word_dev_only() -> None:
    found = {}
    for name in in_git():
        if name.startswith("deploy/kustomize/"):
            values = {match["value"] for match in KEEPS_A_SECRET.finditer((ROOT / name).read_text())}
            if values:
                found[name] = values
    folder = "deploy/kustomize/components/dev-secrets"
    assert found == {f"{folder}/mysql.env": {"dev-only"}, f"{folder}/cafe.env": {"dev-only"}}


def test_no_secret_object_is_written_by_hand() -> None:
    for name in in_git():
        if name.endswith((".yaml", ".yml")):
            for thing in yaml.safe_load_all((ROOT / name).read_text()):
                assert not isinstance(thing, dict) or thing.get("kind") != "Secret", name


def test_the_files_of_bin_secrets_are_not_for_git() -> None:
    for name in ("mysql", "cafe"):
        path = f"deploy/kustomize/components/generated-secret/run-bin-secrets-to-make-this.{name}.env"
        assert path not in in_git()
        assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("build", ["prod"])
def test_prod_has_no_secret_that_everybody_knows(clusters: dict[str, Cluster], build: str) -> None:
    assert "ZGV2LW9ubHk=" not in str(clusters[build].objects)  # base64 of "dev-only"
    assert "dev-secrets" not in components("overlays/prod")
