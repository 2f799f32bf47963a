"""The edge's configuration: its parameters, and the template filled in as the official nginx image fills it in."""

import getpass
import os
import re
from pathlib import Path

from deploy.local.processes import find

NGINX = Path(__file__).resolve().parent / "nginx"

# docs/operations.md says what each limit means. The rates are for 200 customers behind the one address of a Wi-Fi
# who order in the same moment and are sent back once by the cap; that is about what three programs can have in hand.
USUAL = {
    "EDGE_PAGES": str(NGINX / "pages"),
    "EDGE_LISTEN": "8080",
    "EDGE_WORKERS": "auto",
    "EDGE_SCHEME": "http",
    "EDGE_TRUSTED": "",
    "EDGE_ADMIN": "allow all;",
    "EDGE_HEALTH": "deny all;",
    "EDGE_ORDER_RATE": "20r/s",
    "EDGE_ORDER_BURST": "400",
    "EDGE_ORDER_CAP": "32",
    "EDGE_LOGIN_RATE": "30r/m",
    "EDGE_LOGIN_BURST": "20",
}
WANTED = ("EDGE_HOME", "EDGE_PROGRAMS")


def configuration(**values: str) -> str:
    """Return nginx.conf with these values (EDGE_HOME and EDGE_PROGRAMS at least) and the usual ones.

    Raises KeyError for a value that is missing, or that the template does not know.
    """
    template = (NGINX / "nginx.conf").read_text()
    names = set(re.findall(r"\$\{(EDGE_\w+)\}", template))
    if unknown := values.keys() - names:
        raise KeyError(f"the edge has no {', '.join(sorted(unknown))}")
    known = USUAL | values
    return re.sub(r"\$\{(EDGE_\w+)\}", lambda found: known[found[1]], template)


def command(folder: Path, name: str = "nginx.conf") -> list[str]:
    """Return how nginx is started with the configuration `name` in `folder`, and stays with who started it."""
    user = f"user {getpass.getuser()};" if os.getuid() == 0 else ""
    return [find("nginx"), "-p", str(folder), "-c", name, "-e", "stderr", "-g", f"daemon off; {user}"]
