"""Run a harvesting script against servers on loopback that fail in every way a server can.

    python benchmarks/driver_messages/faults.py SCRIPT-COMMAND… >> messages.jsonl

The command finds the addresses in its environment: FAULT_CLOSED, FAULT_SILENT, FAULT_RUBBISH, FAULT_RESET,
FAULT_HANGUP, FAULT_HTTP, FAULT_MIDWAY, FAULT_TLS (a certificate nobody signed), FAULT_REDIS, FAULT_POSTGRES
and FAULT_MYSQL (each a port of 127.0.0.1; the last three refuse as the real server words it), FAULT_UNKNOWN
(a host name that does not exist).
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

Serve = Callable[[socket.socket], None]

_RUBBISH = b"What is this? This is no protocol you know, " * 20 + b"\r\n\r\n"
_REDIS_ANSWERS = (
    b"LOADING Redis is loading the dataset in memory",
    b"READONLY You can't write against a read only replica.",
    b"CLUSTERDOWN The cluster is down",
    b"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    b"OOM command not allowed when used memory > 'maxmemory'.",
    b"NOAUTH Authentication required.",
    b"WRONGPASS invalid username-password pair or user is disabled.",
    b"ERR max number of clients reached",
)


def main(command: list[str]) -> int:
    """Start every fault, run the command with their addresses, return its exit code."""
    with tempfile.TemporaryDirectory() as directory:
        faults: dict[str, Serve] = {
            "SILENT": _silent,
            "RUBBISH": _rubbish,
            "RESET": _reset,
            "HANGUP": _hangup,
            "HTTP": _http,
            "MIDWAY": _midway,
            "TLS": _tls(Path(directory)),
            "REDIS": _redis,
            "POSTGRES": _postgres,
            "MYSQL": _mysql,
        }
        ports = {f"FAULT_{name}": str(_serve(serve)) for name, serve in faults.items()}
        ports |= {"FAULT_CLOSED": str(_closed()), "FAULT_UNKNOWN": "orders-db.invalid"}
        return subprocess.run(command, env={**os.environ, **ports}, check=False).returncode


def _serve(serve: Serve) -> int:
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_quietly, args=(serve, connection), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])


def _quietly(serve: Serve, connection: socket.socket) -> None:
    with connection:
        try:
            serve(connection)
        except OSError:
            return  # the client under test went away, as it may


def _closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def _rubbish(connection: socket.socket) -> None:
    connection.sendall(_RUBBISH)
    _silent(connection)


def _reset(connection: socket.socket) -> None:
    _hear(connection, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _hangup(connection: socket.socket) -> None:
    _hear(connection, 4096)


def _hear(connection: socket.socket, most: int) -> None:
    """What the client says first; some expect to be greeted and say nothing."""
    connection.settimeout(0.3)
    with contextlib.suppress(TimeoutError):
        connection.recv(most)


def _http(connection: socket.socket) -> None:
    """`/503` is answered with that status, `/html` with a page where JSON is expected."""
    path = connection.recv(65536).split(b" ", 2)[1].split(b"/")[1].split(b"?")[0]
    status = path.decode() if path.isdigit() else "200"
    page = b"<html><body>upstream failure</body></html>"
    connection.sendall(
        f"HTTP/1.1 {status} {_REASONS.get(status, 'OK')}\r\nContent-Type: text/html\r\n"
        f"Content-Length: {len(page)}\r\nConnection: close\r\n\r\n".encode()
        + page
    )


_REASONS = {
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "Not Found",
    "429": "Too Many Requests",
    "500": "Internal Server Error",
    "502": "Bad Gateway",
    "503": "Service Unavailable",
    "504": "Gateway Timeout",
}


def _midway(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
    time.sleep(0.1)


def _tls(directory: Path) -> Serve:
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    arguments = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=nobody",
    ]
    subprocess.run(
        [*arguments, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            _silent(secure)

    return serve


def _redis(connection: socket.socket) -> None:
    """`GET <n>` is answered with the n-th way Redis has to refuse, everything else with OK."""
    while data := connection.recv(4096):
        words = [word for word in data.split(b"\r\n") if word and word[:1] not in b"*$"]
        if b"HELLO" in words[0].upper():
            connection.sendall(b"-ERR unknown command 'HELLO'\r\n")
            continue
        refusals = [_REDIS_ANSWERS[int(word)] for word in words if len(word) == 1 and word.isdigit()]
        answers = refusals or [b""] * max(1, data.count(b"*"))
        connection.sendall(b"".join(b"-" + a + b"\r\n" if a else b"+OK\r\n" for a in answers))


_POSTGRES_REFUSALS = {
    b"too_many": (b"53300", b"sorry, too many clients already"),
    b"starting": (b"57P03", b"the database system is starting up"),
    b"stopping": (b"57P03", b"the database system is shutting down"),
    b"password": (b"28P01", b'password authentication failed for user "app"'),
    b"no_database": (b"3D000", b'database "no_database" does not exist'),
    b"slots": (b"53300", b"remaining connection slots are reserved for roles with the SUPERUSER attribute"),
}


def _postgres(connection: socket.socket) -> None:
    """The database asked for names the refusal."""
    asked = connection.recv(4096)
    while asked[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # TLS or GSS wanted
        connection.sendall(b"N")
        asked = connection.recv(4096)
    code, text = next(refusal for name, refusal in _POSTGRES_REFUSALS.items() if name in asked)
    fields = b"SFATAL\0VFATAL\0C" + code + b"\0M" + text + b"\0\0"
    connection.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)


def _mysql(connection: socket.socket) -> None:
    text = b"\xff" + struct.pack("<H", 1040) + b"#08004Too many connections"
    connection.sendall(struct.pack("<I", len(text))[:3] + b"\0" + text)
    _silent(connection)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
