"""The edge's configuration: its parameters, and nginx.conf rendered as by the official nginx image."""

import getpass
import os
import re
from pathlib import Path

from deploy.local.processes import find

NGINX = Path(__file__).resolve().parent / "nginx"

DEFAULTS = {
    "EDGE_PAGES": str(NGINX / "pages"),
    "EDGE_LISTEN": "8080",
    "EDGE_WORKERS": "auto",
    "EDGE_SCHEME": "http",
    "EDGE_TRUSTED": "",
    "EDGE_ADMIN": "allow all;",
    "EDGE_HEALTH": "deny all;",
    **dict(re.findall(r"^(EDGE_\w+)=(.*)$", (NGINX / "limits.env").read_text(), re.MULTILINE)),
}
REQUIRED = ("EDGE_HOME", "EDGE_PROGRAMS")


def configuration(**values: str) -> str:
    """Return nginx.conf's text with these values (EDGE_HOME and EDGE_PROGRAMS at least), DEFAULTS' for the others.

    Raises KeyError for a missing value, and for one that the template does not use.
    """
    template = (NGINX / "nginx.conf").read_text()
    names = set(re.findall(r"\$\{(EDGE_\w+)\}", template))
    if unknown := values.keys() - names:
        raise KeyError(f"the edge has no {', '.join(sorted(unknown))}")
    known = DEFAULTS | values
    return re.sub(r"\$\{(EDGE_\w+)\}", lambda found: known[found[1]], template)


def command(folder: Path, name: str = "nginx.conf") -> list[str]:
    """Return the command line that runs nginx in the foreground with the configuration `name` in `folder`."""
    user = f"user {getpass.getuser()};" if os.getuid() == 0 else ""
    return [find("nginx"), "-p", str(folder), "-c", name, "-e", "stderr", "-g", f"daemon off; {user}"]
