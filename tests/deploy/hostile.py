"""Request smuggling: requests that the edge might read as one and an instance as two, and malformed requests."""

from collections.abc import Iterator
from typing import NamedTuple

HOST = "Host: 127.0.0.1"
JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"


class Shape(NamedTuple):
    name: str
    said: bytes

    @property
    def mark(self) -> str:
        """The X-Request-ID of the request hidden inside, which also ends that request's path."""
        return f"smuggled-{self.name}"


def hidden(name: str) -> bytes:
    mark = f"smuggled-{name}"
    return f"GET /{mark} HTTP/1.1\r\n{HOST}\r\nX-Request-ID: {mark}\r\n\r\n".encode()


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def lines(*said: str, end: str = "\r\n") -> bytes:
    return (end.join(said) + 2 * end).encode("latin-1")


def of_two_lengths() -> Iterator[Shape]:
    """Requests whose Content-Length and Transfer-Encoding contradict each other, or define no end of the body."""
    inner = hidden("cl-te")
    rest = b"0\r\n\r\n" + inner
    yield Shape("cl-te", lines("POST /api/orders HTTP/1.1", HOST, f"Content-Length: {len(rest)}", CHUNKED) + rest)
    inner = chunk(hidden("te-cl")) + b"0\r\n\r\n"
    yield Shape("te-cl", lines("POST /api/orders HTTP/1.1", HOST, CHUNKED, "Content-Length: 4") + inner)
    for name, ways in (
        ("unknown", ["Transfer-Encoding: xchunked"]),
        ("tab", ["Transfer-Encoding: \tchunked"]),
        ("vertical-tab", ["Transfer-Encoding: \x0bchunked"]),
        ("spaces", ["Transfer-Encoding:   chunked "]),
        ("twice-in-one", ["Transfer-Encoding: chunked, chunked"]),
        ("identity-last", ["Transfer-Encoding: chunked, identity"]),
        ("identity-first", ["Transfer-Encoding: identity, chunked"]),
        ("quoted", ['Transfer-Encoding: "chunked"']),
        ("identity", ["Transfer-Encoding: identity"]),
        ("nothing", ["Transfer-Encoding:"]),
        ("twice", [CHUNKED, CHUNKED]),
        ("and-other", [CHUNKED, "Transfer-Encoding: x"]),
        ("other-first", ["Transfer-Encoding: x", CHUNKED]),
        ("space-before-colon", ["Transfer-Encoding : chunked"]),
        ("folded", ["Transfer-Encoding:", " chunked"]),
        ("in-a-fold", ["X-Note: a", f" {CHUNKED}"]),
        ("behind-cr", [f"X-Note: a\r{CHUNKED}"]),
        ("behind-nul", [f"X-Note: a\0{CHUNKED}"]),
        ("dropped-by-connection", [CHUNKED, "Connection: Transfer-Encoding"]),
    ):
        for also in ("", "-and-length"):
            inner = chunk(hidden(f"te-{name}{also}")) + b"0\r\n\r\n"
            told = [*ways, f"Content-Length: {len(inner)}"] if also else ways
            yield Shape(f"te-{name}{also}", lines("POST /api/orders HTTP/1.1", HOST, JSON, *told) + inner)


def of_odd_lengths() -> Iterator[Shape]:
    for name, values in (
        ("twice", ["0", "{}"]),
        ("twice-other-order", ["{}", "0"]),
        ("twice-the-same", ["{}", "{}"]),
        ("list", ["{}, {}"]),
        ("negative", ["-1"]),
        ("plus", ["+{}"]),
        ("hex", ["0x{}"]),
        ("exponent", ["1e2"]),
        ("decimal", ["{}.0"]),
        ("nothing", [""]),
        ("words", ["all of it"]),
        ("huge", ["99999999999999999999"]),
        ("space-inside", ["1 0"]),
    ):
        inner = hidden(f"cl-{name}")
        told = [f"Content-Length: {value.replace('{}', str(len(inner)))}" for value in values]
        yield Shape(f"cl-{name}", lines("POST /api/orders HTTP/1.1", HOST, JSON, *told) + inner)
    inner = hidden("cl-space-before-colon")
    odd = f"Content-Length : {len(inner)}"
    yield Shape("cl-space-before-colon", lines("POST /api/orders HTTP/1.1", HOST, odd) + inner)


def of_odd_chunks() -> Iterator[Shape]:
    for name, size in (
        ("letter", "G"),
        ("negative", "-1"),
        ("prefix", "0x{}"),
        ("plus", "+{}"),
        ("huge", "ffffffffffffffff"),
        ("too-huge", "1" + "0" * 40),
        ("nothing", ""),
        ("bare-cr", "{}\rX"),
        ("underscore", "1_0"),
    ):
        inner = hidden(f"chunk-{name}")
        body = f"{size.replace('{}', f'{len(inner):x}')}\r\n".encode() + inner + b"\r\n0\r\n\r\n"
        yield Shape(f"chunk-{name}", lines("POST /api/orders HTTP/1.1", HOST, JSON, CHUNKED) + body)
    inner = hidden("chunk-without-end")
    yield Shape(
        "chunk-without-end",
        lines("POST /api/orders HTTP/1.1", HOST, JSON, CHUNKED) + b"1\r\nA" + b"0\r\n\r\n" + inner,
    )
    inner = hidden("chunk-in-trailer")
    trailer = b"0\r\nX-Note: " + inner[:-4].replace(b"\r\n", b"\r\nX-Note: ") + b"\r\n\r\n"
    yield Shape("chunk-in-trailer", lines("POST /api/orders HTTP/1.1", HOST, JSON, CHUNKED) + trailer)


def of_bodies_that_nobody_reads() -> Iterator[Shape]:
    """Well-formed requests whose body is a request: no unread body may become the connection's next request."""
    for name, asked in (
        ("order", ("POST /api/orders HTTP/1.1", JSON)),
        ("form", ("POST /en/checkout/ HTTP/1.1",)),
        ("cached", ("GET /en/ HTTP/1.1",)),
        ("not-cached", ("GET /en/ HTTP/1.1", "Cookie: sessionid=x")),
        ("own-page", ("GET /en/cart/ HTTP/1.1",)),
        ("head", ("HEAD /en/cart/ HTTP/1.1",)),
        ("nothing-there", ("GET /en/no-such-page/ HTTP/1.1",)),
        ("static", ("GET /static/nothing.css HTTP/1.1",)),
        ("wrong-method", ("PUT /en/ HTTP/1.1",)),
        ("method-of-its-own", ("BREW /en/cart/ HTTP/1.1",)),
        ("login", ("POST /admin/login/ HTTP/1.1",)),
        ("expected", ("POST /en/checkout/ HTTP/1.1", "Expect: 100-continue")),
        ("upgrade", ("GET /en/cart/ HTTP/1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c")),
    ):
        inner = hidden(f"body-{name}")
        yield Shape(f"body-{name}", lines(asked[0], HOST, *asked[1:], f"Content-Length: {len(inner)}") + inner)
        inner = chunk(hidden(f"chunked-body-{name}")) + b"0\r\n\r\n"
        yield Shape(f"chunked-body-{name}", lines(asked[0], HOST, *asked[1:], CHUNKED) + inner)


def of_odd_lines() -> Iterator[Shape]:
    """Ill-formed request lines and headers; some hide a request where a parser could take a line for one."""
    for name, said in (
        ("no-host", lines("GET /en/ HTTP/1.1")),
        ("two-hosts", lines("GET /en/ HTTP/1.1", HOST, "Host: evil.example")),
        ("empty-host", lines("GET /en/cart/ HTTP/1.1", "Host:")),
        ("odd-host", lines("GET /en/cart/ HTTP/1.1", "Host: a/b")),
        ("other-host", lines("GET /en/cart/ HTTP/1.1", "Host: evil.example")),
        ("absolute", lines("GET http://evil.example/en/cart/ HTTP/1.1", HOST)),
        ("absolute-https", lines("GET https://127.0.0.1/en/cart/ HTTP/1.1", "Host: evil.example")),
        ("http-0.9", b"GET /en/\r\n"),
        ("http-2", lines("GET /en/ HTTP/2.0", HOST)),
        ("http-1.9", lines("GET /en/ HTTP/1.9", HOST)),
        ("http-lower", lines("GET /en/ http/1.1", HOST)),
        ("word-behind", lines("GET /en/ HTTP/1.1 x", HOST)),
        ("space-in-path", lines("GET /en/ x HTTP/1.1", HOST)),
        ("space-first", lines(" GET /en/ HTTP/1.1", HOST)),
        ("tabs", lines("GET\t/en/\tHTTP/1.1", HOST)),
        ("lower", lines("get /en/ HTTP/1.1", HOST)),
        ("no-slash", lines("GET en/ HTTP/1.1", HOST)),
        ("star", lines("OPTIONS * HTTP/1.1", HOST)),
        ("connect", lines("CONNECT 127.0.0.1:80 HTTP/1.1", HOST)),
        ("trace", lines("TRACE /en/ HTTP/1.1", HOST)),
        ("preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("tls", bytes.fromhex("16030100c8010000c40303") + bytes(190)),
        ("nul-in-path", lines("GET /en/\0 HTTP/1.1", HOST)),
        ("nul-encoded", lines("GET /en/%00 HTTP/1.1", HOST)),
        ("bad-percent", lines("GET /en/%zz HTTP/1.1", HOST)),
        ("above-the-root", lines("GET /../../etc/passwd HTTP/1.1", HOST)),
        ("nul-in-header", lines("GET /en/cart/ HTTP/1.1", HOST, "X-Note: a\0b")),
        ("cr-in-header", lines("GET /en/cart/ HTTP/1.1", HOST, "X-Note: a\rb")),
        ("nameless-header", lines("GET /en/cart/ HTTP/1.1", HOST, ": b")),
        ("no-colon", lines("GET /en/cart/ HTTP/1.1", HOST, "nothing here")),
        ("space-before-colon", lines("GET /en/cart/ HTTP/1.1", HOST, "X-Note : b")),
        ("folded", lines("GET /en/cart/ HTTP/1.1", HOST, "X-Note: a", " b")),
        ("folded-first", lines("GET /en/cart/ HTTP/1.1", " X-Note: a", HOST)),
        ("bare-lf", lines("GET /en/cart/ HTTP/1.1", HOST, end="\n")),
        ("bare-cr", lines("GET /en/cart/ HTTP/1.1", HOST, end="\r")),
    ):
        yield Shape(f"line-{name}", said)
    for name, end in (("lf", "%0a"), ("cr-lf", "%0d%0a"), ("cr", "%0d")):
        for path in ("/en/", "/en/item/latte/", "/api/menu", "/static/a.css", "/en/cart/"):
            place = f"line-{name}{path.replace('/', '-').replace('.', '-').rstrip('-')}"
            yield Shape(place, lines(f"GET {path}{end} HTTP/1.1", HOST))
            more = f"{end}X-Request-ID:%20smuggled-{place}-more{end}X:"
            yield Shape(f"{place}-more", lines(f"GET {path}%20HTTP/1.1{more} HTTP/1.1", HOST))


SHAPES = [*of_two_lengths(), *of_odd_lengths(), *of_odd_chunks(), *of_bodies_that_nobody_reads(), *of_odd_lines()]
