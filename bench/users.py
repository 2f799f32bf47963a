"""Run Locust by hand: `.venv/bin/python -m bench.users [--host http://127.0.0.1:8080]`, then http://127.0.0.1:8089.

All arguments are Locust's own: `--headless --users 200 --run-time 5m`. The first run installs Locust.
"""

import os
import sys

from bench.harness.mix import PEOPLE, install

DEFAULTS = ["--host", "http://127.0.0.1:8080", "--web-host", "127.0.0.1", "--users", "200", "--spawn-rate", "10"]


def main() -> None:
    locust = str(install())
    arguments = [*DEFAULTS, *sys.argv[1:]]  # a repeated option: the last one wins
    os.execv(locust, [locust, "-f", str(PEOPLE), *arguments])  # noqa: S606


if __name__ == "__main__":
    main()
