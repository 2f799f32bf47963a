"""2 → N → 2: scale instances up and down as the load rises and falls, with the autoscaler of our own manifest."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.autoscaler import Autoscaler, Manifest, manifest
from bench.figures import Elastic, Mark
from bench.harness.drive import Way, follow, peak
from bench.harness.groups import ASKED_FROM
from bench.harness.samples import Sample, percentile
from bench.harness.testbed import Instance, Shop
from tests.deploy.edge import OneAddress

PODS_PERIOD_US = 100_000  # the CFS quota period that a kubelet sets
CORE_SHARE = 0.85  # CPU share of the instances' core at the peak of the load
CONNECTIONS = 96
PATHS = ("/zh-hans/", "/en/cart/")  # the edge answers the first from its cache, the instances answer the second
LOW = 0.08  # of the peak rate: the load of two pods before and after
# Seconds of each phase; afterwards the load stays low until two pods are left.
BEFORE_S, RISE_S, HEIGHT_S, FALL_S = 15.0, 75.0, 60.0, 15.0
QUIET_S = 180.0  # at most, after the scale-down stabilization window
QUIET_LOOKS = 3  # decisions of the autoscaler with two pods left, after which the stage ends
ABOUT = "The load rises to what about {most} pods are for, and falls; the autoscaler's formula decides how many run."
SIMULATED = (
    "No Kubernetes ran. Each pod is a gunicorn in a control group that is given what the pod requests ({request:g} of"
    " a core; the real pod has no limit, so it may take more where a node has some left). The autoscaler is our own"
    " program of its documented formula with the numbers of hpa.yaml, and reads what each pod used since it last"
    " looked; a cluster reads it from metrics-server, up to another 15 s later. All pods share one core; the edge,"
    " MariaDB, Redis and the load have the other. The Service is an address that programs share (SO_REUSEPORT). A pod"
    " costs no image pull and no scheduling here; cpu-initialization-period is left out.{quicker}"
)


class Rush:
    """The load over time: `rate(at_s)` is the total requests a second at that moment."""

    def __init__(self, height: float, quicker: float, window_s: float) -> None:
        self.height = height
        ends = [BEFORE_S, RISE_S, HEIGHT_S, FALL_S]
        self._ends = [sum(ends[: number + 1]) / quicker for number in range(4)]
        self.falls_until_s = self._ends[-1]
        self.seconds = self.falls_until_s + window_s + QUIET_S / quicker

    def rate(self, at_s: float) -> float:
        before, rise, height, fall = self._ends
        if at_s < before or at_s >= fall:
            share = LOW
        elif at_s < rise:
            share = LOW + (1 - LOW) * (at_s - before) / (rise - before)
        else:
            share = 1 - (1 - LOW) * max(at_s - height, 0) / (fall - height)
        return self.height * share


class Pods:
    """The instances, one a pod. Each has a thread that starts it and later stops it, because a server dies with the
    thread that started it (PR_SET_PDEATHSIG)."""

    def __init__(self, shop: Shop, numbers: Manifest) -> None:
        self.shop, self.numbers, self.common = shop, numbers, OneAddress()
        self.running: list[Instance] = []
        self.ready: list[Instance] = []
        self._used: dict[str, float] = {}
        self._goes: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def add(self, *, is_there_before: bool = False) -> None:
        """Start a pod limited to the CPU it requests; one that is there before the load starts without that limit."""
        pod = self.shop.new_instance("pod", None, common=self.common, WEB_WORKERS="2")
        if not is_there_before:
            self._hold(pod)
        self.running.append(pod)
        self._goes[pod.url] = threading.Event()
        thread = threading.Thread(target=self._live, args=(pod,))
        thread.start()
        self._threads.append(thread)

    def _live(self, pod: Instance) -> None:
        """Start a pod, mark it ready at the kubelet's next readiness probe, and stop it when it is removed."""
        began = time.monotonic()
        self.shop.start(pod)
        self._hold(pod)
        period_s = self.numbers.readiness_period_s
        time.sleep(period_s - (time.monotonic() - began) % period_s)
        self._used[pod.url] = pod.group.cpu_s()
        if pod in self.running:
            self.ready.append(pod)
        self._goes[pod.url].wait()
        pod.stop()

    def _hold(self, pod: Instance) -> None:
        pod.group.hold_to(self.numbers.request_cores, PODS_PERIOD_US)

    def remove(self) -> None:
        """Stop the newest pod by graceful shutdown: it finishes the requests in flight."""
        pod = (self.ready or self.running)[-1]
        self.running.remove(pod)
        if pod in self.ready:
            self.ready.remove(pod)
        self._goes[pod.url].set()

    def used_cores(self, seconds: float) -> list[float]:
        """Return the CPU (cores) that each ready pod used since the last call, `seconds` ago."""
        now = {pod.url: pod.group.cpu_s() for pod in list(self.ready)}
        used = [(cpu_s - self._used[url]) / seconds for url, cpu_s in now.items()]
        self._used |= now
        return used

    def wait_until_ready(self) -> None:
        """Block until every pod is ready. Raises RuntimeError when one does not start."""
        while len(self.ready) < len(self.running):
            if not all(thread.is_alive() for thread in self._threads):
                raise RuntimeError("a pod did not start")
            time.sleep(0.05)

    def end(self) -> None:
        for goes in self._goes.values():
            goes.set()
        for thread in self._threads:
            thread.join()


def run(shop: Shop, *, quicker: float, say: Callable[[str], None]) -> Elastic:
    """Run the stage and return its curves; `quicker` divides its waits. Raises RuntimeError when a pod does not
    start."""
    numbers = manifest().quicker(quicker)
    pods = Pods(shop, numbers)
    for _pod in range(numbers.least):
        pods.add(is_there_before=True)
    pods.wait_until_ready()
    edge = shop.edge(None, pods.common.address, core=ASKED_FROM)
    way = Way(edge.url, CONNECTIONS, headers=("Accept-Encoding: br",))
    rush = Rush(_height(way, pods), quicker, numbers.down_window_s)
    found = Elastic(
        about=ABOUT.format(most=math.ceil(CORE_SHARE / (numbers.request_cores * numbers.target_percent / 100))),
        simulated=SIMULATED.format(
            request=numbers.request_cores,
            quicker=f" All waits are divided by {quicker:g}." if quicker > 1 else "",
        ),
        numbers=in_words(manifest()),
    )
    _drive(found, rush, way, pods, Autoscaler(numbers, numbers.least), say)
    edge.kill()
    pods.end()
    found.found = in_short(found)
    return found


def _height(way: Way, pods: Pods) -> float:
    """Return the requests a second that use CORE_SHARE of a core, from the measured CPU time of one answer.

    Only one path in len(PATHS) reaches the instances."""
    once = Way(f"{pods.ready[0].url}{PATHS[1]}", 4)
    groups = {"programs": [pods.ready[0].group]}
    return CORE_SHARE * 1e6 / peak(once, groups, seconds=2).cpu_us["programs"] * len(PATHS)


def _drive(
    found: Elastic, rush: Rush, way: Way, pods: Pods, autoscaler: Autoscaler, say: Callable[[str], None]
) -> None:
    numbers = autoscaler.numbers
    pods.used_cores(1)  # resets the counters
    with _asking(rush, way) as samples:
        began = time.monotonic()
        while (at_s := time.monotonic() - began) < rush.seconds and not _is_over(found, rush, numbers):
            time.sleep(numbers.sync_s - at_s % numbers.sync_s)
            at_s = time.monotonic() - began
            used = pods.used_cores(numbers.sync_s)
            wanted = autoscaler.decide(at_s, used, unready=len(pods.running) - len(pods.ready))
            found.at_s.append(round(at_s, 2))
            found.asked.append(round(rush.rate(at_s - numbers.sync_s / 2), 1))
            found.replicas.append(len(pods.running))
            found.ready.append(len(pods.ready))
            found.cpu_percent.append(round(100 * sum(used) / len(used) / numbers.request_cores, 1) if used else 0.0)
            if wanted != len(pods.running):
                found.marks.append(Mark(round(at_s, 2), f"{len(pods.running)} → {wanted}"))
                say(f"  {at_s:5.0f} s: {rush.rate(at_s):,.0f} asked a second, {len(pods.running)} → {wanted} pods")
            for _pod in range(wanted - len(pods.running)):
                pods.add()
            while len(pods.running) > wanted:
                pods.remove()
    _fill(found, samples, numbers.sync_s)


@contextmanager
def _asking(rush: Rush, way: Way) -> Iterator[list[Sample]]:
    """Send the load while the block runs; the yielded list is filled with the answers after the block."""
    samples, ends = list[Sample](), threading.Event()
    script, apart_ms = _script(rush, way.url), 1000 / (LOW * rush.height)
    asking = threading.Thread(target=lambda: samples.extend(follow(way, script, apart_ms=apart_ms, ends=ends)))
    asking.start()
    try:
        yield samples
    finally:
        ends.set()
        asking.join()


def _is_over(found: Elastic, rush: Rush, numbers: Manifest) -> bool:
    """Return whether the load has fallen and the last QUIET_LOOKS decisions found the minimum of ready pods."""
    return found.at_s[-QUIET_LOOKS:][:1] > [rush.falls_until_s] and set(found.ready[-QUIET_LOOKS:]) == {numbers.least}


def _script(rush: Rush, url: str) -> str:
    """Return h2load's timing script: when a connection requests which URL. All connections follow it, staggered."""
    lines, at_s, number = [], 0.0, 0
    while at_s < rush.seconds:
        lines.append(f"{1000 * at_s:.3f}\t{url}{PATHS[number % len(PATHS)]}")
        at_s += CONNECTIONS / rush.rate(at_s)
        number += 1
    return "\n".join(lines) + "\n"


def _fill(found: Elastic, samples: list[Sample], interval_s: float) -> None:
    """Add the answers and errors a second, and the 95 % time, of the interval before each moment."""
    for at_s in found.at_s:
        taken = [sample for sample in samples if at_s - interval_s <= sample.at_s < at_s]
        good = sorted(sample.took_ms for sample in taken if sample.ok)
        found.answered.append(round(len(good) / interval_s, 1))
        found.errors.append(round((len(taken) - len(good)) / interval_s, 2))
        found.p95_ms.append(round(percentile(good, 95), 2) if good else None)


def in_words(numbers: Manifest) -> dict[str, str]:
    def each(policies: tuple) -> str:
        return " or ".join(
            f"+{one.value}{' %' if one.kind == 'Percent' else ' pods'} in {one.period_s:g} s" for one in policies
        )

    return {
        "target": f"{numbers.target_percent:g} % of {numbers.request_cores * 1000:g}m",
        "replicas": f"{numbers.least} to {numbers.most}",
        "up": each(numbers.up),
        "down": each(numbers.down).replace("+", "−") + f", not within {numbers.down_window_s:g} s",
        "looks": f"every {numbers.sync_s:g} s",
        "readiness": f"asked every {numbers.readiness_period_s:g} s",
    }


def in_short(found: Elastic) -> str:
    most, errors = max(found.replicas), sum(found.errors)
    slowest = max((ms for ms in found.p95_ms if ms is not None), default=0)
    return (
        f"2 → {most} → {found.replicas[-1]} pods; {'no' if not errors else f'{errors:.2f}/s'} errors;"
        f" the slowest interval's 95 % was {slowest:,.0f} ms."
    )
