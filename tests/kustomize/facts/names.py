"""Facts about the Service names that the course requires, and the pods that they select."""

from tests.kustomize.cluster import Cluster
from tests.kustomize.facts.table import EVERYWHERE, OWN_STORES, RUNNING, fact

SERVICES = {  # Service: (pods' label `app`, the Service's port, the name of the port)
    "frontend": ("frontend", 80, "http"),
    "frontend-svc": ("frontend", 80, "http"),
    "order-backend": ("order-backend", 5000, "http"),
    "order-backend-svc": ("order-backend", 5000, "http"),
    "redis-svc": ("redis", 6379, "redis"),
    "mysql-service": ("mysql", 3306, "mysql"),
}
ELSEWHERE = {"redis-svc", "mysql-service"}  # changed by external-redis and external-mysql
LISTENS = {
    "frontend": ("http", 8080),
    "order-backend": ("http", 5000),
    "redis": ("redis", 6379),
    "mysql": ("mysql", 3306),
}


def _services(cluster: Cluster) -> dict[str, tuple[str, int, str]]:
    found = {}
    for name, service in cluster.of("Service").items():
        spec = service["spec"]
        if spec.get("type") == "ExternalName":
            continue
        [(label, app)] = spec["selector"].items()
        [port] = spec["ports"]
        assert (label, port["protocol"], spec.get("type", "ClusterIP")) == ("app", "TCP", "ClusterIP")
        assert port["name"] == port["targetPort"], "the Ingress asks for a name"
        found[name] = (app, port["port"], port["targetPort"])
    return found


@fact(*OWN_STORES)
def services_have_the_names_of_the_course(cluster: Cluster) -> None:
    assert _services(cluster) == SERVICES


@fact("all")
def stores_elsewhere_are_behind_the_names_of_the_course(cluster: Cluster) -> None:
    assert _services(cluster) == {name: of for name, of in SERVICES.items() if name not in ELSEWHERE}
    for name in ELSEWHERE:
        spec = cluster.get("Service", name)["spec"]
        assert (spec["type"], "selector" in spec) == ("ExternalName", False)
        assert "." in spec["externalName"]
    assert not {pod.name for pod in cluster.pods} & {"redis", "mysql"}


@fact(*EVERYWHERE)
def every_service_leads_to_a_port_of_a_pod(cluster: Cluster) -> None:
    for app, _, target in _services(cluster).values():
        [pod] = [pod for pod in cluster.pods if pod.meta["labels"]["app"] == app]
        [port] = [port for container in pod.containers for port in container.get("ports", [])]
        assert (port["name"], port["containerPort"]) == LISTENS[pod.name]
        assert (port["name"], port["protocol"]) == (target, "TCP")
    told = cluster.env("app-config")
    assert (told["HOST"], int(told["PORT"])) == ("0.0.0.0", LISTENS["order-backend"][1])


@fact(*EVERYWHERE)
def selectors_hold_one_label_that_never_changes(cluster: Cluster) -> None:
    for kind in ("Deployment", "StatefulSet"):
        for name, o in cluster.of(kind).items():
            assert o["spec"]["selector"] == {"matchLabels": {"app": name}}
            assert o["spec"]["template"]["metadata"]["labels"]["app"] == name
    for pod in cluster.pods:
        assert pod.meta["labels"]["app.kubernetes.io/part-of"] == "cloud-cafe"


@fact(*RUNNING)
def secrets_have_the_names_of_the_course(cluster: Cluster) -> None:
    assert cluster.get("Secret", "mysql-secret")["data"].keys() == {"MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"}


@fact(*OWN_STORES)
def volumes_have_the_names_of_the_course(cluster: Cluster) -> None:
    claims = cluster.of("PersistentVolumeClaim")
    assert {"redis-pvc", "mysql-pvc"} <= claims.keys()
    assert claims["redis-pvc"]["spec"]["resources"]["requests"]["storage"] == "1Gi"
    assert {claim["spec"]["storageClassName"] for claim in claims.values()} == {"local-path"}


@fact(*EVERYWHERE)
def everything_is_in_the_one_namespace(cluster: Cluster) -> None:
    spaces = {o["metadata"].get("namespace") for o in cluster.objects if o["kind"] != "Namespace"}
    assert spaces == {"cloud-cafe"}
    assert list(cluster.of("Namespace")) == ["cloud-cafe"]


@fact(*EVERYWHERE)
def the_program_answers_to_every_name_of_the_course(cluster: Cluster) -> None:
    allowed = cluster.env("app-config")["ALLOWED_HOSTS"].split(",")
    names = ["order-backend", "order-backend-svc", "frontend", "frontend-svc"]
    wanted = {"cloudcafe.local", "localhost", *names, *(f"{name}.cloud-cafe" for name in names)}
    assert wanted | {".cloud-cafe.svc.cluster.local"} <= set(allowed)
