"""nginx serves a page's bytes from a file: the ceiling of an edge. Its access log, its connection settings and its
headers equal those of the edge, so that only the café's work differs."""

import json
from pathlib import Path

from bench.harness.groups import Group
from deploy.edge import command
from tests.deploy.edge import DiesAsAWhole

CONFIGURATION = """
worker_processes 1;
pid {home}/nginx.pid;
error_log /dev/stderr crit;
events {{ worker_connections 4096; multi_accept on; }}
http {{
    sendfile on;
    keepalive_timeout 75s;
    access_log {home}/access.log;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/unused;
    uwsgi_temp_path {home}/unused;
    scgi_temp_path {home}/unused;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            default_type "{content_type}";
            root {home};
            index page;
            {headers}
        }}
    }}
}}
"""


class FileServer(DiesAsAWhole):
    """`answer` is the file that bench.harness.servers.keep_answer wrote: the headers and the bytes."""

    program = "nginx"

    def __init__(self, folder: Path, group: Group, answer: Path) -> None:
        super().__init__(folder)
        self.url = f"http://127.0.0.1:{self.port}"
        self.group = group
        folder.mkdir(parents=True)
        kept = json.loads(answer.read_text())
        (folder / "page").write_bytes(kept["body"].encode("latin-1"))
        self._write(dict(kept["headers"]))

    def _write(self, headers: dict[str, str]) -> None:
        own = ("content-length", "content-type", "etag", "last-modified", "connection")
        added = [
            f"add_header {name} {json.dumps(value)};" for name, value in headers.items() if name.lower() not in own
        ]
        text = CONFIGURATION.format(
            home=self.folder,
            port=self.port,
            content_type=next(value for name, value in headers.items() if name.lower() == "content-type"),
            headers="\n            ".join(added),
        )
        (self.folder / "nginx.conf").write_text(text)

    def command(self) -> list[str]:
        return self.group.command(command(self.folder))

    def answers(self) -> bool:
        return (self.folder / "nginx.pid").exists()
