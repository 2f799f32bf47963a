"""Breaks of pod security."""

from tests.kustomize.breaks.table import Breaks, context, edge

BREAKS: Breaks = {
    "the_namespace_enforces_restricted": {
        "baseline": lambda c: c.get("Namespace", "cloud-cafe")["metadata"]["labels"].update(
            {"pod-security.kubernetes.io/enforce": "baseline"}
        ),
    },
    "every_pod_is_restricted": {
        "capabilities in a job's init container": lambda c: c.job["spec"]["template"]["spec"]["initContainers"][0][
            "securityContext"
        ].pop("capabilities"),
        "a folder of the node": lambda c: (
            c.pod("redis").spec["volumes"].append({"name": "node", "hostPath": {"path": "/"}})
        ),
        "a container that may be root": lambda c: context(c).update(runAsNonRoot=False),
        "no seccomp in a container": lambda c: context(c).update(seccompProfile={"type": "Unconfined"}),
        "no seccomp in a pod": lambda c: (
            c.pod("redis").spec["securityContext"].update(seccompProfile={"type": "Unconfined"})
        ),
        "all of /proc": lambda c: context(c).update(procMount="Unmasked"),
        "a privileged container": lambda c: context(c).update(privileged=True),
        "a capability more": lambda c: context(c)["capabilities"].update(add=["SYS_ADMIN"]),
        "a sidecar that may become more": lambda c: (
            c.pod("mysql-backup").container("scratch")["securityContext"].pop("allowPrivilegeEscalation")
        ),
        "the node's network": lambda c: c.pod("frontend").spec.update(hostNetwork=True),
        "the node's processes": lambda c: c.pod("frontend").spec.update(hostPID=True),
        "a port of the node": lambda c: edge(c)["ports"][0].update(hostPort=80),
        "a probe of another host": lambda c: edge(c)["livenessProbe"]["httpGet"].update(host="10.0.0.1"),
        "a word to the kernel": lambda c: (
            c.pod("redis").spec["securityContext"].update(sysctls=[{"name": "net.core.somaxconn", "value": "511"}])
        ),
        "no AppArmor": lambda c: context(c).update(appArmorProfile={"type": "Unconfined"}),
        "another SELinux type": lambda c: context(c).update(seLinuxOptions={"type": "spc_t"}),
        "a folder of another machine": lambda c: (
            c.pod("redis").spec["volumes"].append({"name": "nfs", "nfs": {"server": "nas", "path": "/"}})
        ),
    },
    "nobody_is_root_and_seccomp_is_on": {
        "MariaDB as root": lambda c: c.pod("mysql").spec["securityContext"].update(runAsUser=0),
        "a container as root": lambda c: context(c).update(runAsUser=0),
        "the root's group": lambda c: c.pod("redis").spec["securityContext"].update(fsGroup=0),
        "nothing is said of seccomp": lambda c: c.pod("redis").spec["securityContext"].pop("seccompProfile"),
    },
    "containers_may_less_than_the_standard_allows": {
        "Redis writes to its root": lambda c: (
            c.pod("redis").container("redis")["securityContext"].update(readOnlyRootFilesystem=False)
        ),
        "a capability that restricted allows": lambda c: context(c)["capabilities"].update(add=["NET_BIND_SERVICE"]),
    },
    "pods_get_no_token_and_no_service_variables": {
        "REDIS_PORT=tcp://…": lambda c: c.pod("order-backend").spec.pop("enableServiceLinks"),
        "a token": lambda c: c.pod("redis").spec.update(automountServiceAccountToken=True),
    },
}
