"""A TCP proxy between the café and MariaDB that cuts the connection at one exact SQL command.

A packet is three bytes of length, one of sequence and the payload. A client's packet with sequence 0 is a command
(its handshake packets have a higher one), and SQL if its payload starts with 3. `decide` returns the fate of each
SQL command:

    Proxy(mariadb.port, lambda sql: Fate.LOSE_ANSWER if sql == "COMMIT" else Fate.PASS)
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from enum import Enum, auto


class Fate(Enum):
    """The fate of a command and its connection."""

    PASS = auto()
    LOSE_COMMAND = auto()  # the connection is cut before the command reaches the server
    LOSE_ANSWER = auto()  # … after the server has executed it, before the answer reaches the client
    HOLD = auto()  # the client is cut off; the proxy holds the command back, the server has not received it
    LAND = auto()  # the held command is sent to the server and executed, then this command is passed on
    LAND_SOON = auto()  # this command is passed on, and the held one is executed a moment later


def let_pass(sql: str) -> Fate:
    return Fate.PASS


class Proxy:
    """Listens on a free port of 127.0.0.1 until `die()`; `revive()` listens again on the same one.

    Each answer of the server reaches the client `delay_s` later.
    """

    def __init__(self, server_port: int, decide: Callable[[str], Fate] = let_pass) -> None:
        self.server_port, self.port, self.is_dead, self.decide = server_port, 0, True, decide
        self.delay_s = 0.0
        self._asking = threading.Lock()
        self._held: tuple[socket.socket, bytes] | None = None
        self._clients: set[socket.socket] = set()
        self.revive()

    def revive(self) -> None:
        if self.is_dead:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
            self.port, self.is_dead = self._listener.getsockname()[1], False
            threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def die(self) -> None:
        """Refuse new connections and cut the open ones; commands already sent may still be executed."""
        self.is_dead = True
        for open_socket in (self._listener, *tuple(self._clients)):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def land(self) -> None:
        """Send the held command, if any, to the server; return after it has executed it."""
        if self._held:
            (server, packet), self._held = self._held, None
            with server:
                server.sendall(packet)
                server.recv(65536)  # the answer is discarded

    def _land(self, held: object) -> None:
        if held is self._held:
            self.land()

    def drop(self) -> None:
        """Discard the held command and close its server connection: the server rolls its transaction back."""
        if self._held:
            self._held[0].close()
            self._held = None

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = listener.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._clients.add(client)
        with client, contextlib.suppress(OSError, EOFError), self._to_server() as server:
            while self._relay(client, server):
                pass
        self._clients.discard(client)

    def _to_server(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server_port))

    def _relay(self, client: socket.socket, server: socket.socket) -> bool:
        """Pass on the next packet, from either side; return whether the connection stays open."""
        readable, _writable, _failed = select.select([client, server], [], [])
        if server in readable:
            answer = server.recv(65536)
            time.sleep(self.delay_s)
            client.sendall(answer)
            return bool(answer)
        packet = read_packet(client)
        is_sql = packet[3:5] == b"\0\3"
        with self._asking:
            fate = self.decide(packet[5:].decode(errors="replace").strip("\0")) if is_sql else Fate.PASS
        match fate:
            case Fate.HOLD:
                self._held = (server.dup(), packet)
            case Fate.LAND:
                self.land()
            case Fate.LAND_SOON:
                threading.Timer(0.1, self._land, [self._held]).start()
        if fate in (Fate.LOSE_COMMAND, Fate.HOLD):
            return False
        server.sendall(packet)
        if fate is Fate.LOSE_ANSWER:
            server.recv(65536)
        return fate is not Fate.LOSE_ANSWER


def read_packet(end: socket.socket) -> bytes:
    head = end.recv(4, socket.MSG_WAITALL)
    length = int.from_bytes(head[:3], "little")
    payload = end.recv(length, socket.MSG_WAITALL)
    if len(head) < 4 or len(payload) < length:
        raise EOFError
    return head + payload
