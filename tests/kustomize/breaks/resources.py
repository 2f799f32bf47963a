"""Breaks of the containers' resource requests and limits."""

from tests.kustomize.breaks.table import Breaks, backend, edge, spec

BREAKS: Breaks = {
    "every_container_has_a_memory_limit_and_requests": {
        "no limit": lambda c: c.pod("order-backend").spec["containers"][0]["resources"].pop("limits"),
    },
    "a_pod_started_by_hand_gets_a_limit": {
        "no defaults": lambda c: c.remove("LimitRange", "defaults"),
        "none of memory": lambda c: spec(c, "LimitRange", "defaults")["limits"][0].pop("default"),
    },
    "nothing_customers_wait_for_is_throttled": {
        "a CPU limit": lambda c: edge(c)["resources"]["limits"].update(cpu="500m"),
        "a CPU limit by default": lambda c: spec(c, "LimitRange", "defaults")["limits"][0]["default"].update(cpu="1"),
    },
    "scratch_is_bounded": {
        "a folder by default": lambda c: c.pod("order-backend").spec["volumes"][0].pop("emptyDir"),
        "a folder that may fill the node": lambda c: (
            c.pod("order-backend").spec["volumes"].append({"name": "more", "emptyDir": {}})
        ),
    },
    "what_writes_to_its_root_has_a_folder_there": {
        "gunicorn has none": lambda c: backend(c).pop("volumeMounts"),
        "MariaDB has no place for its socket": lambda c: (
            c.pod("mysql").container("mysql")["volumeMounts"][2].update(mountPath="/socket")
        ),
    },
}
