"""Breaks of the pods' start, probes and termination."""

from tests.kustomize.breaks.table import Breaks, backend, data, edge, spec

BREAKS: Breaks = {
    "whoever_serves_is_asked_whether_it_started_lives_and_is_ready": {
        "MariaDB is sent to before it is ready": lambda c: c.pod("mysql").container("mysql").pop("readinessProbe"),
        "so is Redis": lambda c: c.pod("redis").container("redis").pop("readinessProbe"),
        "a hung edge stays": lambda c: edge(c).pop("livenessProbe"),
    },
    "programs_are_asked_what_design_16_says": {
        "no Host header": lambda c: backend(c)["readinessProbe"]["httpGet"].pop("httpHeaders"),
        "liveness asks readiness": lambda c: backend(c)["livenessProbe"]["httpGet"].update(
            path="/health/ready/?format=json"
        ),
        "the course's health, which fails with the database": lambda c: backend(c)["readinessProbe"][
            "httpGet"
        ].update(path="/health"),
    },
    "the_edge_is_asked_about_itself_alone": {
        "readiness asks the programs": lambda c: edge(c)["readinessProbe"]["httpGet"].update(path="/health/ready/"),
        "by another name": lambda c: edge(c)["livenessProbe"]["httpGet"].pop("httpHeaders"),
    },
    "nothing_is_restarted_for_an_outage_of_another": {
        "liveness starts a program": lambda c: (
            c.pod("redis").container("redis").update(livenessProbe={"exec": {"command": ["redis-cli", "ping"]}})
        ),
        "one slow answer kills": lambda c: backend(c)["livenessProbe"].update(failureThreshold=1),
    },
    "there_is_time_to_leave": {
        "the usual 30 s": lambda c: c.pod("order-backend").spec.update(terminationGracePeriodSeconds=30),
        "no pause before the end": lambda c: edge(c).pop("lifecycle"),
    },
    "a_rollout_takes_nothing_away": {
        "one less in a rollout": lambda c: spec(c, "Deployment", "frontend")["strategy"]["rollingUpdate"].update(
            maxUnavailable=1
        ),
        "all at once": lambda c: spec(c, "Deployment", "order-backend")["strategy"].update(type="Recreate"),
    },
    "a_rollout_that_waits_for_its_migrations_has_not_failed": {
        "a long ALTER TABLE fails it": lambda c: spec(c, "Deployment", "order-backend").update(
            progressDeadlineSeconds=60
        ),
        "nothing is said": lambda c: spec(c, "Deployment", "order-backend").pop("progressDeadlineSeconds"),
    },
    "workers_and_threads_come_from_the_environment": {
        "workers on the command line": lambda c: backend(c)["command"].append("--workers=4"),
        "as many as the node has processors": lambda c: data(c, "edge-config").update(EDGE_WORKERS="auto"),
        "and beside it": lambda c: backend(c).update(args=["--threads=4"]),
    },
    "probes_notice_soon_and_bear_a_slow_answer": {
        "one slow answer is too much": lambda c: backend(c)["livenessProbe"].update(timeoutSeconds=1),
        "sent to for minutes after the end": lambda c: edge(c)["readinessProbe"].update(failureThreshold=60),
        "two seconds to start in": lambda c: backend(c)["startupProbe"].update(failureThreshold=1),
    },
    "a_dns_that_is_away_holds_no_thread_for_long": {
        "the usual 10 s": lambda c: c.pod("order-backend").spec.pop("dnsConfig"),
    },
}
