"""Breaks of the names that the course requires."""

from tests.kustomize.breaks.table import Breaks, backend, data, file, spec

BREAKS: Breaks = {
    "services_have_the_names_of_the_course": {
        "an alias is dropped": lambda c: c.remove("Service", "order-backend-svc"),
        "another port": lambda c: spec(c, "Service", "frontend")["ports"][0].update(port=8080),
        "one of the edge's names leads past it": lambda c: spec(c, "Service", "frontend-svc").update(
            selector={"app": "order-backend"}
        ),
        "another port of the pod": lambda c: spec(c, "Service", "mysql-service")["ports"][0].update(targetPort=3306),
        "the Ingress asks for a name that is not there": lambda c: spec(c, "Service", "frontend-svc")["ports"][
            0
        ].update(name="web"),
        "a port of each node": lambda c: spec(c, "Service", "order-backend").update(type="NodePort"),
    },
    "stores_elsewhere_are_behind_the_names_of_the_course": {
        "it still selects pods": lambda c: spec(c, "Service", "mysql-service").update(selector={"app": "mysql"}),
        "no address": lambda c: spec(c, "Service", "redis-svc").pop("externalName"),
    },
    "every_service_leads_to_a_port_of_a_pod": {
        "a Service that selects nobody": lambda c: spec(c, "Service", "mysql-service").update(
            selector={"app": "mariadb"}
        ),
        "a port that is not there": lambda c: spec(c, "Service", "redis-svc")["ports"][0].update(targetPort="http"),
        "the program listens elsewhere": lambda c: data(c, "app-config").update(PORT="8000"),
        "the port's name on another number": lambda c: backend(c)["ports"][0].update(containerPort=8000),
    },
    "selectors_hold_one_label_that_never_changes": {
        "commonLabels": lambda c: spec(c, "Deployment", "redis")["selector"]["matchLabels"].update(part="of"),
    },
    "secrets_have_the_names_of_the_course": {
        "no root password": lambda c: c.get("Secret", "mysql-secret")["data"].pop("MYSQL_ROOT_PASSWORD"),
    },
    "volumes_have_the_names_of_the_course": {
        "another size": lambda c: spec(c, "PersistentVolumeClaim", "redis-pvc")["resources"]["requests"].update(
            storage="2Gi"
        ),
        "a claim is gone": lambda c: c.remove("PersistentVolumeClaim", "mysql-pvc"),
    },
    "everything_is_in_the_one_namespace": {
        "one elsewhere": lambda c: c.get("Service", "redis-svc")["metadata"].update(namespace="default"),
    },
    "the_program_answers_to_every_name_of_the_course": {
        "one host name less": lambda c: file(c, "app-config", "ALLOWED_HOSTS", "order-backend-svc.cloud-cafe,", ""),
    },
}
