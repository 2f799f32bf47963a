"""The plan bench/cafe.jmx by Debian's JMeter: `.venv/bin/python -m bench.jmeter -l cafe.jtl -Jport=8080 -Jusers=10`.

All arguments are JMeter's own; what -Jname=value there are stands in the plan. Needs `bin/packages jmeter`. Another
JMeter runs the plan as it is: `jmeter -n -t bench/cafe.jmx -l cafe.jtl`.
"""

import os
import sys
from pathlib import Path

from bench.harness.servers import ROOT

PLAN = ROOT / "bench" / "cafe.jmx"
STARTER = ROOT / "bench" / "jmeter.bsh"  # says why Debian's own does not do
HOME = Path("/usr/share/jmeter")
HTTP = HOME / "lib/ext/ApacheJMeter_http.jar"  # of jmeter-http, which needs jmeter
NO_PORT = "-Jjmeterengine.nongui.port=0"  # it would listen for a word to end


def command(*arguments: str) -> list[str]:
    """Return what runs the plan without windows. Raises SystemExit where there is no JMeter."""
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
