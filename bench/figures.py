"""What `bin/bench` finds out, as `report.json` holds it and the page shows it. Times are in ms and s, as their names
say."""

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    PASS = "PASS"
    MISS = "MISS"
    INCONCLUSIVE = "INCONCLUSIVE"  # the rounds differ by more than 10 %, or a cell was not valid


@dataclass
class Part:
    """What one part (programs, database, Redis, edge, generator) used while a cell was measured."""

    name: str
    cpu_percent: float  # of one core
    memory_mib: float | None  # Σ PSS at the end


@dataclass
class Table:
    """The columns of contract.md."""

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
    """A time line; every list is as long as `at_s`. A bin without an answer has None as its times."""

    at_s: list[float] = field(default_factory=list)  # the beginning of each bin
    throughput: list[float] = field(default_factory=list)  # answers a second that were no errors
    median_ms: list[float | None] = field(default_factory=list)
    p95_ms: list[float | None] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)  # a second
    besides: dict[str, list[float | None]] = field(default_factory=dict)  # "memory, MiB", "connections": a chart each


@dataclass
class Mark:
    """Something that happened at a moment of a curve."""

    at_s: float
    text: str


@dataclass
class Cell:
    """One load on one testbed."""

    name: str  # "GET /api/orders", "browse, order, watch (90/8/2)"
    users: str  # "10", "200", "200 of 1,700 connections"
    table: Table
    curve: Curve
    parts: list[Part]
    cpu_us: float | None  # of all serving parts, per answer
    generator: str  # "h2load --h1", "wrk", "Locust", "bench.harness.load"
    generator_percent: float  # of its core; from 80 on the cell is not valid
    is_valid: bool
    why_not: str = ""
    marks: list[Mark] = field(default_factory=list)


@dataclass
class Stage:
    name: str  # "one machine"
    setup: str  # which processes, which quotas
    simulated: str  # plainly
    cells: list[Cell]


@dataclass
class Scenario:
    name: str  # "baseline", "capacity", "faults", "stability"
    about: str
    cells: list[Cell]
    found: str = ""  # "The knee: 200 users, …"


@dataclass
class Elastic:
    """2 → N → 2. Every list is as long as `at_s`."""

    about: str
    simulated: str
    numbers: dict[str, str]  # the manifest's: "target": "50 % of 250m", …
    at_s: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)  # a second
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
    """One side of a ratio: the median of the rounds."""

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
    """One line of the table of ratios. `at_least` says in which direction the target lies."""

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
    note: str = ""  # what must be known beside it: rows examined, errors, why INCONCLUSIVE
    details: list[dict[str, str]] = field(default_factory=list)  # a small table: same keys in each


@dataclass
class Report:
    mode: str  # "full", "quick", "full, soak"
    began: str  # ISO 8601
    took_s: float
    machine: dict[str, str]
    said: list[str]  # in plain words: what is simulated, what was shortened, what was not allowed here
    rows: list[Row] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    elastic: Elastic | None = None
    capacity: list[dict[str, str]] = field(default_factory=list)  # a table: same keys in each
    books: str = ""
