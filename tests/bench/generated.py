"""A generated report with invented figures, and every kind of content that a report may hold."""

import math

from bench.figures import (
    Cell,
    Curve,
    Elastic,
    Mark,
    Part,
    Report,
    Row,
    Scenario,
    Side,
    Stage,
    Table,
    Verdict,
)

LONG = "a very long remark that goes on and on, as remarks at the end of a long night do, " * 4


def a_table(throughput: float, mean_ms: float, errors: float = 0.0) -> Table:
    times = [mean_ms * share for share in (1.0, 0.8, 1.7, 2.2, 3.1, 0.3, 9.4)]
    return Table(round(throughput * 30), *times, errors, throughput, throughput * 6.2, throughput * 0.11)


def a_curve(throughput: float, median_ms: float, seconds: int = 40, dent: range = range(0)) -> Curve:
    """Return a slightly wavy curve; the bins of `dent` have no answers, so their times are None."""
    waves = [1 + 0.06 * math.sin(second / 2.5) for second in range(seconds)]
    return Curve(
        at_s=[float(second) for second in range(seconds)],
        throughput=[0.0 if second in dent else throughput * wave for second, wave in enumerate(waves)],
        median_ms=[None if second in dent else median_ms / wave for second, wave in enumerate(waves)],
        p95_ms=[None if second in dent else 2.4 * median_ms / wave**3 for second, wave in enumerate(waves)],
        errors=[12.0 if second in dent else 0.0 for second in range(seconds)],
    )


def a_cell(name: str, users: str, throughput: float, mean_ms: float) -> Cell:
    parts = [Part("instances", 94.2, 208.6), Part("database", 31.4, 402.0), Part("edge", 8.9, None)]
    curve = a_curve(throughput, mean_ms * 0.8)
    return Cell(name, users, a_table(throughput, mean_ms), curve, parts, 412.0, "wrk", 41.0, is_valid=True)


def a_row(key: str, work: str, target: float, ratio: float, verdict: Verdict = Verdict.PASS) -> Row:
    ours = Side("ours", 5399.0, "/s", [5310.0, 5399.0, 5420.0], 183.0, {"instances": 171.0, "Redis": 12.0}, 43.0)
    theirs = Side("theirs", 6030.0, "/s", [6001.0, 6030.0, 6044.0], 164.0, {"instances": 164.0}, 44.0, failed=3)
    rounds = [ratio * 0.99, ratio, ratio * 1.012]
    return Row(key, work, "bare WSGI, same bytes", target, True, ratio, rounds, 2.2, verdict, ours, theirs)


def the_rows() -> list[Row]:
    rows = [
        a_row("menu-alone", "public menu page, cached, program alone, keep-alive", 0.85, 0.904),
        a_row("orders-alone", "GET /orders, program alone", 4, 11.26),
        a_row("menu-edge", "menu page through the edge", 0.85, 0.8496, Verdict.MISS),
        a_row("orders-edge", "GET /orders through the edge", 25, 71.3),
        a_row("order-bare", "POST /orders, whole order with stock, lines, event, move", 0.4, 0.43),
        a_row("hot-item", "hot item: all orders take the same stock row", 0.85, 0.88, Verdict.INCONCLUSIVE),
        a_row("ten-million", "order page, recent orders, bar queue with 10 million orders", 1.2, 1.04),
        a_row("memory", "Σ PSS of a pod with 2 workers × 4 threads after 100,000 requests", 160, 131.7),
        a_row("hostile", "<script>alert('a work')</script> & | others", 0.85, 1.7),
    ]
    rows[5].spread_percent, rows[5].note = 17.3, "The rounds differ by 17.3 %: " + LONG
    rows[6].at_least, rows[6].details = (
        False,
        [
            {"query": "order page", "10 thousand": "1 row", "10 million": "1 row"},
            {"query": "bar queue", "10 thousand": "41 rows", "10 million": "41 rows"},
        ],
    )
    rows[7].at_least, rows[7].unit, rows[7].against, rows[7].theirs = False, "MiB", "", None
    rows[7].ours = Side("a pod", 131.7, "MiB", [131.7])
    rows[7].rounds = []
    return rows


def the_stages() -> list[Stage]:
    crowds = (("10", 812.0, 11.8), ("200", 1437.0, 139.1), ("200 of 1,700 connections", 1391.0, 143.7))
    stages = [
        Stage(name, "1 edge, 2 workers × 4 threads with 0.5 core, MariaDB, Redis.", simulated, [])
        for name, simulated in (
            ("one machine", ""),
            ("database apart", "The other machine is a cgroup with a quota of 0.5 core on this one."),
            ("two programs behind the edge", "Each program is a cgroup with a quota of 0.25 core."),
            ("four programs behind the edge", "Each program is a cgroup with a quota of 0.25 core."),
        )
    ]
    for number, stage in enumerate(stages, start=1):
        stage.cells = [
            a_cell(load, users, throughput * number * 0.9, mean_ms / number)
            for load in ("browse, order, watch (90/8/2)", "GET /api/orders")
            for users, throughput, mean_ms in crowds
        ]
    invalid = stages[0].cells[-1]
    invalid.is_valid, invalid.why_not, invalid.generator_percent = False, "the generator used 91 % of its core", 91.0
    invalid.cpu_us = None
    return stages


def the_scenarios() -> list[Scenario]:
    alone = [a_cell(f"{path}", "1", 190.0, 5.1) for path in ("GET /en/", "GET /api/orders", "POST /api/orders")]
    steps = [(10, 800, 12), (25, 1320, 19), (50, 1840, 27), (100, 2110, 47), (200, 2190, 91), (400, 2170, 184)]
    more = [a_cell("browse, order, watch (90/8/2)", f"{users:,}", rate, mean_ms) for users, rate, mean_ms in steps]
    broken = a_cell("browse, order, watch (90/8/2)", "120", 1310.0, 62.0)
    broken.curve = a_curve(1310.0, 50.0, seconds=90, dent=range(60, 66))
    broken.marks = [
        Mark(20.0, "Redis is killed"),
        Mark(22.0, "Redis is up again"),
        Mark(40.0, "a program is killed with <SIGKILL>"),
        Mark(60.0, "the database stands still for 10 s"),
        Mark(66.4, "normal again"),
    ]
    long = a_cell("browse, order, watch (90/8/2)", "120", 1290.0, 61.0)
    long.curve = a_curve(1290.0, 50.0, seconds=1800)
    long.curve.besides = {"memory of the programs, MiB": [208.0 + n / 900 for n in range(1800)], "connections": []}
    return [
        Scenario("baseline", "One user for each address.", alone),
        Scenario("capacity", "Steps up to the knee.", more, "The knee: 100 users, 2,110/s."),
        Scenario("faults", "Things break in mid-run.", [broken], "Normal again 6.4 s after the database came back."),
        Scenario("stability", "Thirty minutes at 60 % of the knee.", [long], "Flat."),
        Scenario("another <one>", "Not run this time.", []),
    ]


def the_elastic() -> Elastic:
    at = [float(second) for second in range(0, 600, 5)]
    asked = [120 + 880 * max(0.0, math.sin(math.pi * second / 450)) for second in at]
    replicas = [2 if second < 60 or second > 520 else min(10, 2 + int((second - 60) // 30)) for second in at]
    ready = [replicas[max(0, number - 2)] for number in range(len(at))]
    return Elastic(
        about="Load rises to eight times and falls again; the programs follow.",
        simulated="Each pod is a process with the pod's quota; the formula is the HPA's, Kubernetes is not here.",
        numbers={"target": "50 % of 250m", "behaviour up": "100 % in 15 s", "waits": "divided by ten"},
        at_s=at,
        asked=asked,
        answered=[each * (0.93 if 100 < second < 150 else 1) for second, each in zip(at, asked, strict=True)],
        errors=[3.0 if 100 < second < 130 else 0.0 for second in at],
        replicas=replicas,
        ready=ready,
        p95_ms=[None if second == 110 else 18 + 300 * (100 < second < 150) for second in at],
        cpu_percent=[100 * each / (count * 110) for each, count in zip(asked, ready, strict=True)],
        marks=[Mark(60.0, "the first new pod"), Mark(300.0, "ten pods"), Mark(520.0, "two again")],
        found="2 → 10 → 2 without losing an order; 0.1 % of the answers were errors.",
    )


def the_report() -> Report:
    return Report(
        mode="quick (made up)",
        began="2026-11-21T08:00:00+00:00",
        took_s=283.4,
        machine={"cpu": "An Imaginary Processor, 2 cores", "commit": "0000000", "python": "3.11", "load": "1.20"},
        said=[
            "EVERY FIGURE HERE IS MADE UP: this is the report of a test.",
            "Generator and servers share two cores.",
            "--quick: each round took 2 s, and the waits of the elastic stage are divided by ten.",
            "Cgroups for memory are not allowed here: <memory.max> was not set & nothing was limited. " + LONG,
        ],
        rows=the_rows(),
        stages=the_stages(),
        scenarios=the_scenarios(),
        elastic=the_elastic(),
        capacity=[
            {"what": "menu page", "CPU µs": "183", "of it the database": "0 %", "100× needs": "3 cores"},
            {"what": "whole order", "CPU µs": "4,120", "of it the database": "38 %", "100× needs": "61 cores"},
        ],
        books="The books agree.",
    )
