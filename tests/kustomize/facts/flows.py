"""Facts about NetworkPolicies: which pod may connect to which pod and port."""

from collections.abc import Iterator

from tests.kustomize.cluster import Cluster, Object
from tests.kustomize.facts.table import fact

OURS = {"order-backend", "migrate", "mysql-backup"}
Flow = tuple[str, str, int]  # (client, server, port of the server's pod)
AMONG_PROGRAMS = {
    ("kube-system/app.kubernetes.io/name=traefik", "frontend", 8080),
    ("frontend", "order-backend", 5000),
    ("load-test", "frontend", 8080),
    ("default/run=load-generator", "order-backend", 5000),
    ("default/run=load-generator", "frontend", 8080),
}


def _to_stores(mysql: str, redis: str) -> set[Flow]:
    return {*((one, mysql, 3306) for one in OURS), ("order-backend", redis, 6379)}


@fact("prod", "all")
def what_is_not_allowed_is_denied_both_ways(cluster: Cluster) -> None:
    assert cluster.policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@fact("prod", "all")
def dns_is_allowed_to_everybody(cluster: Cluster) -> None:
    dns = cluster.policies["to-dns"]
    assert (dns["podSelector"], dns["policyTypes"]) == ({}, ["Egress"])
    [rule] = dns["egress"]
    assert {(port["protocol"], port["port"]) for port in rule["ports"]} == {("UDP", 53), ("TCP", 53)}
    [to] = rule["to"]
    assert _who(to) == ["kube-system/k8s-app=kube-dns"]


@fact("prod")
def each_flow_is_allowed_where_it_leaves_and_where_it_arrives(cluster: Cluster) -> None:
    flows = AMONG_PROGRAMS | _to_stores("mysql", "redis")
    assert set(_allowed(cluster, "Ingress")) == flows
    assert set(_allowed(cluster, "Egress")) == {flow for flow in flows if "/" not in flow[0]}


@fact("all")
def flows_to_stores_elsewhere_leave_for_their_addresses(cluster: Cluster) -> None:
    assert set(_allowed(cluster, "Ingress")) == AMONG_PROGRAMS
    among = {flow for flow in AMONG_PROGRAMS if "/" not in flow[0]}
    assert set(_allowed(cluster, "Egress")) == among | _to_stores("192.0.2.10/32", "192.0.2.11/32")


def _allowed(cluster: Cluster, direction: str) -> Iterator[Flow]:
    """Yield each flow that the policies of one direction allow, except DNS."""
    for name, policy in cluster.policies.items():
        if policy["policyTypes"] != [direction] or name == "to-dns":
            continue
        assert policy.keys() == {"podSelector", "policyTypes", direction.lower()}
        [rule] = policy[direction.lower()]
        [port] = rule["ports"]
        assert port["protocol"] == "TCP"
        for here in _who({"podSelector": policy["podSelector"]}):
            for there in (who for peer in rule["from" if direction == "Ingress" else "to"] for who in _who(peer)):
                yield (there, here, port["port"]) if direction == "Ingress" else (here, there, port["port"])


def _who(peer: Object) -> list[str]:
    """Return a peer's values of the label `app`, or "namespace/label=value" for another namespace, or a CIDR."""
    if "ipBlock" in peer:
        assert peer.keys() | peer["ipBlock"].keys() == {"ipBlock", "cidr"}
        return [peer["ipBlock"]["cidr"]]
    selector = peer["podSelector"]
    if "namespaceSelector" in peer:
        [(key, space)] = peer["namespaceSelector"]["matchLabels"].items()
        assert key == "kubernetes.io/metadata.name"  # the one label that the API server writes itself
        [(label, value)] = selector["matchLabels"].items()
        return [f"{space}/{label}={value}"]
    if "matchLabels" in selector:
        assert selector["matchLabels"].keys() == {"app"}
        return [selector["matchLabels"]["app"]]
    [words] = selector["matchExpressions"]
    assert (words["key"], words["operator"]) == ("app", "In")
    return list(words["values"])
