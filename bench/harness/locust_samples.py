"""A second Locust file beside bench/locustfile.py: it logs each answer to a file that bench.harness.mix reads.

A line an answer: its time (s since the load began), its duration (ms), `ok`, `refused` or `failed`, the bytes
received and sent, the request's name. The last line: the duration of the load and this process's CPU time (s).
"""

import os
import time
from typing import Any

from locust import events

FILE = open(os.environ["CAFE_SAMPLES"], "w", encoding="utf-8")  # noqa: SIM115 - closed when Locust ends
REFUSED = ", refused politely"  # the suffix by which bench/locustfile.py marks an expected refusal
HEAD = len("HTTP/1.1 200 OK\r\n\r\n")
BEGAN = {"at": 0.0, "cpu_s": 0.0}
ENDED = {"seconds": 0.0, "cpu_s": 0.0}


@events.test_start.add_listener
def begin(**_: Any) -> None:
    BEGAN.update(at=time.time(), cpu_s=time.process_time())


@events.request.add_listener
def note(name: str, response_time: float, response: Any, exception: Any, start_time: float, **_: Any) -> None:
    at_s = start_time + response_time / 1000 - BEGAN["at"]
    kind = "failed" if exception else "refused" if name.endswith(REFUSED) else "ok"
    received, sent = received_bytes(response), sent_bytes(response)
    FILE.write(f"{at_s:.6f}\t{response_time:.3f}\t{kind}\t{received}\t{sent}\t{name.removesuffix(REFUSED)}\n")


@events.test_stopping.add_listener
def stop(**_: Any) -> None:
    ENDED.update(seconds=time.time() - BEGAN["at"], cpu_s=time.process_time() - BEGAN["cpu_s"])


@events.test_stop.add_listener
def end(**_: Any) -> None:
    """Write the last line. Locust calls this after the requests in flight have ended, so they are logged too."""
    FILE.write("{seconds:.3f}\t{cpu_s:.3f}\n".format(**ENDED))
    FILE.close()


def received_bytes(response: Any) -> int:
    """Return an answer's bytes on the wire, headers included; the chunk headers of a chunked one are left out."""
    headers = getattr(response, "headers", None)
    if headers is None:
        return 0
    body = headers.get("content-length") or len(response.content or b"")
    return HEAD + int(body) + sum(len(name) + len(value) + 4 for name, value in headers.items())


def sent_bytes(response: Any) -> int:
    request = getattr(response, "request", None)
    return len(getattr(response, "_sent_request", None) or "") + len(getattr(request, "payload", None) or "")
