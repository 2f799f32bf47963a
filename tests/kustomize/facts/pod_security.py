"""Facts of Pod Security's level "restricted" (kubernetes.io/docs/concepts/security/pod-security-standards), and some
stricter ones."""

from collections.abc import Iterator
from typing import Any

from tests.kustomize.cluster import Cluster, Object
from tests.kustomize.facts.table import EVERYWHERE, fact

# {path of a field of the standard: its allowed values}; None means absent, `*` each element of a list.
Allowed = tuple[Any, ...]
OFF = (None, False)
OF_PODS: dict[str, Allowed] = {
    "hostNetwork": OFF,
    "hostPID": OFF,
    "hostIPC": OFF,
    "volumes.*.hostPath": (None,),
    "securityContext.runAsNonRoot": (True,),
    "securityContext.sysctls.*.name": (
        None,
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_syncookies",
    ),
}
OF_CONTAINERS: dict[str, Allowed] = {
    "securityContext.privileged": OFF,
    "securityContext.allowPrivilegeEscalation": (False,),
    "securityContext.capabilities.add.*": (None, "NET_BIND_SERVICE"),
    "securityContext.procMount": (None, "Default"),
    "securityContext.runAsNonRoot": (None, True),
    "ports.*.hostPort": (None, 0),
    **{
        f"{hook}.{call}.host": (None, "")
        for hook in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")
        for call in ("httpGet", "tcpSocket")
    },
}
OF_BOTH: dict[str, Allowed] = {
    "securityContext.windowsOptions.hostProcess": OFF,
    "securityContext.appArmorProfile.type": (None, "RuntimeDefault", "Localhost"),
    "securityContext.seccompProfile.type": (None, "RuntimeDefault", "Localhost"),
    "securityContext.seLinuxOptions.type": (
        None,
        "",
        "container_t",
        "container_init_t",
        "container_kvm_t",
        "container_engine_t",
    ),
    "securityContext.seLinuxOptions.user": (None, ""),
    "securityContext.seLinuxOptions.role": (None, ""),
}
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def _said(thing: Any, path: str) -> Iterator[Any]:
    """Yield the values at a dotted path."""
    key, _, rest = path.partition(".")
    found = (thing or [None]) if key == "*" else [(thing or {}).get(key)]
    for one in found:
        yield from _said(one, rest) if rest else [one]


def _wrong(thing: Object, fields: dict[str, Allowed]) -> list[tuple[str, Any]]:
    return [(path, said) for path, allowed in fields.items() for said in _said(thing, path) if said not in allowed]


@fact(*EVERYWHERE)
def the_namespace_enforces_restricted(cluster: Cluster) -> None:
    labels = cluster.get("Namespace", "cloud-cafe")["metadata"]["labels"]
    for mode in ("enforce", "warn", "audit"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"


@fact(*EVERYWHERE)
def every_pod_is_restricted(cluster: Cluster) -> None:
    for pod in cluster.pods:
        assert _wrong(pod.spec, OF_PODS | OF_BOTH) == [], pod.name
        for container in [*pod.containers, *pod.spec.get("ephemeralContainers", [])]:
            assert _wrong(container, OF_CONTAINERS | OF_BOTH) == [], f"{pod.name}/{container['name']}"
            assert "ALL" in container["securityContext"]["capabilities"]["drop"]
        for volume in pod.spec.get("volumes", []):
            assert volume.keys() - {"name"} <= VOLUMES
        assert not [name for name in pod.meta.get("annotations", {}) if "apparmor" in name or "seccomp" in name]


@fact(*EVERYWHERE)
def nobody_is_root_and_seccomp_is_on(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            context = pod.spec["securityContext"] | container["securityContext"]
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}
            groups = [context["runAsGroup"], context.get("fsGroup", 101), *context.get("supplementalGroups", [])]
            assert min(context["runAsUser"], *groups) >= 100, f"{pod.name}/{container['name']}"


@fact(*EVERYWHERE)
def containers_may_less_than_the_standard_allows(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


@fact(*EVERYWHERE)
def pods_get_no_token_and_no_service_variables(cluster: Cluster) -> None:
    assert [account["automountServiceAccountToken"] for account in cluster.of("ServiceAccount").values()] == [False]
    for pod in cluster.pods:
        assert pod.spec["automountServiceAccountToken"] is False
        assert pod.spec["enableServiceLinks"] is False
