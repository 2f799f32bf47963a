"""MariaDB and Redis on this machine, for bin/cluster: their data folders, configuration and start."""

import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

from deploy.local.processes import DidNotStart, Process, find


def start_mariadb(process: Process, home: Path, chosen: dict[str, str]) -> None:
    """Start MariaDB with its data in `home`/mariadb, initialised by the first start. Raises DidNotStart."""
    folder = home / "mariadb"
    user = [f"--user={getpass.getuser()}"] if os.getuid() == 0 else []
    # Own folder for temporary files: MariaDB deletes leftover files there, also those of another MariaDB.
    temporary = home / "mariadb-tmp"
    temporary.mkdir(exist_ok=True)
    own = ["--no-defaults", *user, f"--datadir={folder}", f"--tmpdir={temporary}"]
    if not (folder / "mysql").exists():
        shutil.rmtree(folder, ignore_errors=True)  # an interrupted first start
        command = [find("mariadb-install-db"), *own, "--skip-test-db", "--auth-root-authentication-method=socket"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise DidNotStart(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")
    users = _secret_file(
        home / "users.sql",
        "CREATE DATABASE IF NOT EXISTS cloudcafe CHARACTER SET utf8mb4;\n"
        f"CREATE USER IF NOT EXISTS cafeadmin@'127.0.0.1' IDENTIFIED BY '{chosen['db_password']}';\n"
        "GRANT ALL ON cloudcafe.* TO cafeadmin@'127.0.0.1';\n",
    )
    port = chosen["mariadb_port"]
    command = [find("mariadbd"), *own, f"--port={port}", f"--socket={home}/run/mariadb.sock"]
    command += [f"--pid-file={home}/run/mariadbd.own.pid", f"--init-file={users}", "--bind-address=127.0.0.1"]
    command += ["--skip-name-resolve", "--skip-log-bin", "--character-set-server=utf8mb4", "--max-connections=400"]
    command += ["--innodb-buffer-pool-size=256M"]
    process.start(command, {}, lambda: _says_something(port))


def start_redis(process: Process, home: Path, chosen: dict[str, str]) -> None:
    """Start Redis without persistence. Raises DidNotStart."""
    port = chosen["redis_port"]
    config = _secret_file(
        home / "redis.conf",
        f"port {port}\nbind 127.0.0.1\nrequirepass {chosen['redis_password']}\n"
        'maxmemory 256mb\nmaxmemory-policy allkeys-lru\nsave ""\nappendonly no\n',
    )
    process.start([find("redis-server"), str(config)], {}, lambda: _says_something(port, b"PING\r\n"))


def _secret_file(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _says_something(port: str, hello: bytes = b"") -> bool:
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=0.5) as connection:
            connection.sendall(hello)
            return bool(connection.recv(1))
    except OSError:
        return False
