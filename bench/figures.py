"""The data classes of a `bin/bench` report, as stored in `report.json` and shown on the page. A field's suffix is its
unit (`_ms`, `_s`, `_us`)."""

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    PASS = "PASS"
    MISS = "MISS"
    INCONCLUSIVE = "INCONCLUSIVE"  # the rounds differ by more than 10 %, or a cell was not valid


@dataclass
class Part:
    """The CPU and memory of one part (programs, database, Redis, edge, generator) while a cell was measured."""

    name: str
    cpu_percent: float  # of one core
    memory_mib: float | None  # the sum of the processes' PSS at the end


@dataclass
class Table:
    """The columns of a load report, as computed by `bench.harness.samples.table`."""

    samples: int
    mean_ms: float
    median_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    min_ms: float
    max_ms: float
    errors_percent: float
    throughput: float  # answers a second
    received_kb_s: float
    sent_kb_s: float


@dataclass
class Curve:
    """Figures over time, in bins; every list is as long as `at_s`. A bin without a good answer has None as times."""

    at_s: list[float] = field(default_factory=list)  # the beginning of each bin
    throughput: list[float] = field(default_factory=list)  # answers a second, errors excluded
    median_ms: list[float | None] = field(default_factory=list)
    p95_ms: list[float | None] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)  # a second
    besides: dict[str, list[float | None]] = field(default_factory=dict)  # a chart each: "memory, MiB", "connections"


@dataclass
class Mark:
    """An event at a moment of a curve, such as the start of a fault."""

    at_s: float
    text: str


@dataclass
class Cell:
    """The figures of one load on one testbed."""

    name: str  # "GET /api/orders", "browse, order, watch (90/8/2)"
    users: str  # "10", "200", "200 of 1,700 connections"
    table: Table
    curve: Curve
    parts: list[Part]
    cpu_us: float | None  # of all serving parts, per answer
    generator: str  # "h2load --h1", "wrk", "Locust", "bench.harness.load"
    generator_percent: float  # CPU of its core; from 80 on the cell is not valid
    is_valid: bool
    why_not: str = ""
    marks: list[Mark] = field(default_factory=list)


@dataclass
class Stage:
    name: str  # "one machine"
    setup: str  # which processes, which quotas
    simulated: str  # what this machine simulates, for readers of the report
    cells: list[Cell]


@dataclass
class Scenario:
    name: str  # "baseline", "capacity", "faults", "stability"
    about: str
    cells: list[Cell]
    found: str = ""  # "The knee: 200 users, …"


@dataclass
class Elastic:
    """The elastic stage, 2 → N → 2 pods. Every list is as long as `at_s`."""

    about: str
    simulated: str
    numbers: dict[str, str]  # the manifest's: "target": "50 % of 250m", …
    at_s: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)  # requests a second
    answered: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    replicas: list[int] = field(default_factory=list)
    ready: list[int] = field(default_factory=list)
    p95_ms: list[float | None] = field(default_factory=list)
    cpu_percent: list[float] = field(default_factory=list)  # of what the ready pods request
    marks: list[Mark] = field(default_factory=list)
    found: str = ""


@dataclass
class Side:
    """One side of a ratio (ours or theirs): the median of its rounds."""

    name: str
    value: float
    unit: str  # "/s", "ms", "MiB", "µs/kB"
    rounds: list[float]
    cpu_us: float | None = None  # of all serving parts, per answer
    parts: dict[str, float] = field(default_factory=dict)  # CPU µs per answer, by part
    generator_percent: float | None = None
    failed: int = 0


@dataclass
class Row:
    """One row of the ratio table. `at_least`: the target is a lower limit; else it is an upper limit."""

    key: str  # "menu-alone"
    work: str
    against: str
    target: float
    at_least: bool
    ratio: float  # median of the rounds' ratios
    rounds: list[float]
    spread_percent: float
    verdict: Verdict
    ours: Side
    theirs: Side | None
    unit: str = "×"
    note: str = ""  # shown with the ratio: rows examined, errors, why INCONCLUSIVE
    details: list[dict[str, str]] = field(default_factory=list)  # a small table: same keys in each


@dataclass
class Report:
    mode: str  # "full", "quick", "full, soak"
    began: str  # ISO 8601
    took_s: float
    machine: dict[str, str]
    said: list[str]  # remarks: what is simulated, what was shortened, what was not allowed here
    rows: list[Row] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    elastic: Elastic | None = None
    capacity: list[dict[str, str]] = field(default_factory=list)  # a table: same keys in each
    books: str = ""
