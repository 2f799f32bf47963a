"""Breaks of the Ingress, the Gateway and the edge."""

from tests.kustomize.breaks.table import Breaks, data, edge, script, spec, variable

BREAKS: Breaks = {
    "one_host_leads_to_the_edge": {
        "past the edge": lambda c: spec(c, "Ingress", "cloud-cafe")["rules"][0]["http"]["paths"][0]["backend"][
            "service"
        ].update(name="order-backend-svc"),
        "a retired class": lambda c: spec(c, "Ingress", "cloud-cafe").update(ingressClassName="nginx"),
        "/api alone": lambda c: spec(c, "Ingress", "cloud-cafe")["rules"][0]["http"]["paths"][0].update(path="/api"),
        "/ alone": lambda c: spec(c, "Ingress", "cloud-cafe")["rules"][0]["http"]["paths"][0].update(
            pathType="Exact"
        ),
    },
    "the_gateway_leads_to_the_edge_too": {
        "past the edge": lambda c: spec(c, "HTTPRoute", "cloud-cafe")["rules"][0]["backendRefs"][0].update(
            name="order-backend-svc"
        ),
        "another class": lambda c: spec(c, "Gateway", "cloud-cafe").update(gatewayClassName="nginx"),
        "every host": lambda c: spec(c, "HTTPRoute", "cloud-cafe").pop("hostnames"),
    },
    "programs_edge_and_ingress_say_the_same_scheme": {
        "the programs alone say https": lambda c: data(c, "app-config").update(PUBLIC_SCHEME="https"),
        "the edge alone says https": lambda c: data(c, "edge-config").update(EDGE_SCHEME="https"),
    },
    "https_is_all_there_is_under_tls": {
        "the programs say http": lambda c: data(c, "app-config").update(PUBLIC_SCHEME="http"),
        "an ingress without a certificate": lambda c: spec(c, "Ingress", "cloud-cafe").pop("tls"),
        "HTTP too": lambda c: c.get("Ingress", "cloud-cafe")["metadata"].pop("annotations"),
    },
    "the_edge_starts_by_the_entrypoint_of_its_image": {
        "the socket of a killed nginx stays": lambda c: script(
            c, "frontend", "edge", 'rm -f "$EDGE_HOME/orders.sock"\n'
        ),
        "past the entrypoint: nothing fills the template in": lambda c: script(
            c, "frontend", "edge", "/docker-entrypoint.sh "
        ),
        "a shell that does not pass signals on": lambda c: script(c, "frontend", "edge", "exec "),
        "nginx itself": lambda c: edge(c).update(command=["nginx"]),
    },
    "the_edge_calls_the_programs_and_keeps_to_its_own_folder": {
        "a folder that cannot be written": lambda c: data(c, "edge-config").update(EDGE_HOME="/var/cache"),
        "nginx's own variables are replaced too": lambda c: variable(edge(c), "NGINX_ENVSUBST_FILTER").update(
            value=""
        ),
    },
    "the_edge_gets_every_parameter": {
        "one is missing: nginx reads ${…} as text": lambda c: data(c, "edge-config").pop("EDGE_TRUSTED"),
        "from nowhere": lambda c: edge(c).pop("envFrom"),
    },
}
