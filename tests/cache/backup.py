"""Back up and restore the menu's tables with MariaDB's command-line tools, as operators do."""

import os
import subprocess
from pathlib import Path

from tests.harness.servers import MariaDB, find

DATABASE = "cloudcafe"


def dump(mariadb: MariaDB, file: Path) -> None:
    found = mariadb.execute(
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{DATABASE}'"
        " AND table_name LIKE 'menu\\_%'"
    )
    names = [name for (name,) in found]
    assert "menu_menuversion" in names
    with file.open("wb") as written:
        _run(mariadb, ["mariadb-dump", "--single-transaction", DATABASE, *sorted(names)], stdout=written)


def restore(mariadb: MariaDB, file: Path) -> None:
    with file.open("rb") as read:
        _run(mariadb, ["mariadb", DATABASE], stdin=read)


def _run(mariadb: MariaDB, command: list[str], **streams: object) -> None:
    program, *arguments = command
    options = ["--no-defaults", "--host=127.0.0.1", f"--port={mariadb.port}", "--user=operator"]
    done = subprocess.run(
        [find(program), *options, *arguments],
        env=os.environ | {"MYSQL_PWD": mariadb.password},
        stderr=subprocess.PIPE,
        **streams,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stderr.decode()
