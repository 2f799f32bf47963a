"""The process that encodes one photo: `python -m menu.photos.encoder_worker`, with the file as its standard input.

It answers on its standard output (`encoded`). It imports no Django, and limits its own memory and time before it
reads a byte.
"""

import contextlib
import os
import resource
import sys
import traceback
from pathlib import Path

# With the memory pages of its libraries, this keeps the process below limits.MAX_PEAK_BYTES.
MAX_DATA_BYTES = 136 * 1024 * 1024
MAX_CPU_S = 20


def main() -> None:
    limit_this_process()
    from menu.photos import encoder_answer, encoding  # imported under the limits, with all that they load
    from menu.photos.limits import PhotoRefused

    result: encoder_answer.EncodedPhoto | PhotoRefused
    try:
        with os.fdopen(0, "rb", closefd=False) as file:
            result = encoding.encode(file)
    except PhotoRefused as refused:
        if refused.__cause__:
            traceback.print_exception(refused.__cause__, limit=-3)
        result = refused
    sys.stdout.buffer.write(encoder_answer.packed(result, peak_bytes()))


def limit_this_process() -> None:
    _set_limit(resource.RLIMIT_DATA, MAX_DATA_BYTES)
    _set_limit(resource.RLIMIT_CPU, MAX_CPU_S)
    _set_limit(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError):  # Linux: where memory runs out, the kernel kills this process first
        Path("/proc/self/oom_score_adj").write_text("1000")


def _set_limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (soft, hard))


def peak_bytes() -> int:
    """Return the most memory that this process had resident; 0 where the system does not say.

    Not getrusage's ru_maxrss: that begins with the size of the process that started this one.
    """
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
