"""Run bench/cafe.jmx in Debian's JMeter: `.venv/bin/python -m bench.jmeter -l cafe.jtl -Jport=8080 -Jusers=10`.

All arguments are JMeter's own; the plan lists its properties (-Jname=value). Needs `bin/packages jmeter`. Any other
JMeter runs the plan unchanged: `jmeter -n -t bench/cafe.jmx -l cafe.jtl`.
"""

import os
import sys
from pathlib import Path

from bench.harness.servers import ROOT

PLAN = ROOT / "bench" / "cafe.jmx"
STARTER = ROOT / "bench" / "jmeter.bsh"  # its comment says why Debian's own starter does not work
HOME = Path("/usr/share/jmeter")
HTTP = HOME / "lib/ext/ApacheJMeter_http.jar"  # of jmeter-http, which needs jmeter
NO_PORT = "-Jjmeterengine.nongui.port=0"  # otherwise JMeter listens on a port for a shutdown command


def command(*arguments: str) -> list[str]:
    """Return the command that runs the plan without a GUI. Raises SystemExit when JMeter is not installed."""
    if not HTTP.exists():
        raise SystemExit("JMeter is missing: bin/packages jmeter")
    jars = f"/usr/share/java/bsh.jar:{HOME}/bin/ApacheJMeter.jar:{HOME}/lib/*:{HOME}/lib/ext/*"
    start = ["java", f"-Djmeter.home={HOME}", "-cp", jars, "bsh.Interpreter", str(STARTER)]
    log = ROOT / "var" / "bench" / "jmeter.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    return [*start, "-n", "-t", str(PLAN), "-j", str(log), NO_PORT, *arguments]


if __name__ == "__main__":
    started = command(*sys.argv[1:])
    os.execvp(started[0], started)  # noqa: S606
