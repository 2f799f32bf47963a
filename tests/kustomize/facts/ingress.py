"""Facts about incoming traffic: the Ingress or the Gateway, HTTPS, and the edge behind them."""

import re

from tests.kustomize.cluster import Cluster, Object
from tests.kustomize.facts.table import EVERYWHERE, RUNNING, fact

HOST = "cloudcafe.local"


@fact(*RUNNING, "all")
def one_host_leads_to_the_edge(cluster: Cluster) -> None:
    [ingress] = cluster.of("Ingress").values()
    assert ingress["spec"]["ingressClassName"] == "traefik"
    to_the_edge = {"service": {"name": "frontend-svc", "port": {"name": "http"}}}
    assert ingress["spec"]["rules"] == [
        {"host": HOST, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": to_the_edge}]}}
    ]


@fact("all")
def the_gateway_leads_to_the_edge_too(cluster: Cluster) -> None:
    [gateway] = cluster.of("Gateway").values()
    assert gateway["spec"]["gatewayClassName"] == "traefik"
    [listener] = gateway["spec"]["listeners"]
    assert (listener["protocol"], listener["port"], listener["hostname"]) == ("HTTP", 8000, HOST)
    assert listener["allowedRoutes"] == {"namespaces": {"from": "Same"}}
    [route] = cluster.of("HTTPRoute").values()
    assert route["spec"] == {
        "parentRefs": [{"name": gateway["metadata"]["name"]}],
        "hostnames": [HOST],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": "frontend-svc", "port": 80}],
            }
        ],
    }


@fact(*EVERYWHERE)
def programs_edge_and_ingress_say_the_same_scheme(cluster: Cluster) -> None:
    schemes = {
        cluster.env("app-config").get("PUBLIC_SCHEME", "http"),
        cluster.env("edge-config")["EDGE_SCHEME"],
        *("https" if "tls" in ingress["spec"] else "http" for ingress in cluster.of("Ingress").values()),
    }
    assert len(schemes) == 1


@fact("all")
def https_is_all_there_is_under_tls(cluster: Cluster) -> None:
    ingress = cluster.get("Ingress", "cloud-cafe")
    assert ingress["metadata"]["annotations"] == {"traefik.ingress.kubernetes.io/router.entrypoints": "websecure"}
    assert ingress["spec"]["tls"] == [{"hosts": [HOST], "secretName": "cloudcafe-tls"}]
    assert cluster.env("app-config")["PUBLIC_SCHEME"] == "https"


# The edge


def _edge(cluster: Cluster) -> Object:
    return cluster.pod("frontend").container("edge")


@fact(*EVERYWHERE)
def the_edge_starts_by_the_entrypoint_of_its_image(cluster: Cluster) -> None:
    edge = _edge(cluster)
    assert edge["command"] == ["sh", "-ec"]
    *before, last = cluster.pod("frontend").script("edge").splitlines()
    assert any(line.startswith("rm -f ") for line in before), "a killed nginx leaves its socket behind"
    assert re.fullmatch(r"exec /docker-entrypoint\.sh nginx -c \S+/nginx\.conf\" .*-g \"daemon off;\"", last)


@fact(*EVERYWHERE)
def the_edge_calls_the_programs_and_keeps_to_its_own_folder(cluster: Cluster) -> None:
    env = cluster.env("edge-config")
    assert env["EDGE_PROGRAMS"] == "order-backend:5000"
    edge = _edge(cluster)
    assert env["EDGE_LISTEN"] == str(edge["ports"][0]["containerPort"])
    assert cluster.pod("frontend").volume_at(edge, env["EDGE_HOME"]) == {"emptyDir": {"sizeLimit": "1Gi"}}
    mounts = {mount["mountPath"] for mount in edge["volumeMounts"]}
    assert f"{env['EDGE_PAGES']}/edge" in mounts
    own = {v["name"]: v["value"] for v in edge["env"]}
    assert own["NGINX_ENVSUBST_FILTER"] == "^EDGE_"
    assert own["NGINX_ENVSUBST_OUTPUT_DIR"].startswith(env["EDGE_HOME"] + "/")
    assert own["NGINX_ENVSUBST_TEMPLATE_DIR"] in mounts
    assert own["NGINX_ENVSUBST_TEMPLATE_SUFFIX"] == ".template"


@fact(*EVERYWHERE)
def the_edge_gets_every_parameter(cluster: Cluster) -> None:
    [template] = (c for name, c in cluster.of("ConfigMap").items() if name.startswith("edge-template-"))
    wanted = set(re.findall(r"\$\{(EDGE_\w+)\}", template["data"]["nginx.conf.template"]))
    assert cluster.env("edge-config").keys() == wanted
    assert _edge(cluster)["envFrom"] == [{"configMapRef": {"name": "edge-config"}}]
