"""Breaks of the NetworkPolicies."""

from tests.kustomize.breaks.table import Breaks

BREAKS: Breaks = {
    "what_is_not_allowed_is_denied_both_ways": {
        "nothing is said about leaving": lambda c: c.policies["default-deny"].update(policyTypes=["Ingress"]),
        "nothing is denied": lambda c: c.remove("NetworkPolicy", "default-deny"),
    },
    "dns_is_allowed_to_everybody": {
        "UDP only": lambda c: c.policies["to-dns"]["egress"][0]["ports"].pop(),
        "of a namespace that anybody may name so": lambda c: c.policies["to-dns"]["egress"][0]["to"][0][
            "namespaceSelector"
        ].update(matchLabels={"name": "kube-system"}),
        "to everywhere": lambda c: c.policies["to-dns"]["egress"][0].pop("to"),
    },
    "each_flow_is_allowed_where_it_leaves_and_where_it_arrives": {
        "the migrations cannot reach MariaDB": lambda c: c.policies["to-mysql"]["podSelector"]["matchExpressions"][0][
            "values"
        ].remove("migrate"),
        "no protocol": lambda c: c.policies["to-redis"]["egress"][0]["ports"][0].pop("protocol"),
        "the Service's port, not the pod's": lambda c: c.policies["frontend-from-traefik"]["ingress"][0]["ports"][
            0
        ].update(port=80),
        "the edge may ask MariaDB": lambda c: c.policies["to-mysql"]["podSelector"]["matchExpressions"][0][
            "values"
        ].append("frontend"),
        "everybody may come": lambda c: c.policies["redis-from-programs"]["ingress"].append({}),
    },
    "flows_to_stores_elsewhere_leave_for_their_addresses": {
        "to pods, of which there are none": lambda c: c.policies["to-mysql"]["egress"][0].update(
            to=[{"podSelector": {"matchLabels": {"app": "mysql"}}}]
        ),
        "to everywhere": lambda c: c.policies["to-redis"]["egress"][0]["to"][0].update(ipBlock={"cidr": "0.0.0.0/0"}),
    },
}
