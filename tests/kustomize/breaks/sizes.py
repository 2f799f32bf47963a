"""Breaks of the capacity sums: connections and quota."""

from tests.kustomize.breaks.table import Breaks, backend, data, file, spec

BREAKS: Breaks = {
    "all_connections_fit_into_the_database": {
        "more threads": lambda c: data(c, "app-config").update(WEB_THREADS="32"),
        "more pods": lambda c: spec(c, "HorizontalPodAutoscaler", "order-backend").update(maxReplicas=20),
        "a smaller database": lambda c: file(
            c, "mysql-server", "cafe.cnf", "max_connections = 400", "max_connections = 300"
        ),
    },
    "the_largest_scale_fits_into_the_quota": {
        "a larger request": lambda c: backend(c)["resources"]["requests"].update(cpu="500m"),
        "a larger limit": lambda c: backend(c)["resources"]["limits"].update(memory="2Gi"),
    },
}
