"""Malformed requests as bytes, and what a healthy edge answers."""

from collections.abc import Callable

from tests.deploy.edge import Edge
from tests.deploy.wire import Reply, replies, say

FIGURES = "figures"


JSON, HTML = "application/json", "text/html; charset=utf-8"


NewEdge = Callable[..., Edge]


def one_reply(edge: Edge, said: bytes) -> Reply:
    told = replies(say(edge, said, silence_s=0.3))
    assert len(told) == 1, told
    return told[0]


POISON_CODINGS = [
    "gzip;q=0",
    "*",
    "br;q=0.001",
    "*;q=0",
    "identity;q=0",
    "br;q=0, gzip",
    "gzip;q=0.000",
    "GZIP",
    "x-gzip",
]


POISON_CODINGS += ["deflate", "br , gzip", "zstd, br;q=1.0", "gzip;q=nonsense", "", "brr", "br\tgzip"]


POISON_PATHS = ["/en/../en/", "/en//", "/%65n/", "/en/item/latte/%2e%2e/mocha/", "/en/item/latte/../mocha/", "//en/"]


POISON_PATHS += ["/en/?x=1", "/en/?page=evil&lang=zh-hans", "/en/;x", "/en/%3fx", "/EN/", "/en/item/../item/latte/"]


POISON_PATHS += ["/en/item/latte%2f", "/en/item/%6catte/", "/en/item/latte/?item=mocha", "/en/%0a", "/en/%0d%0aX:x"]


POISON_PATHS += ["/en/item/evil/", "/en/item/latte/%23", "/api/menu/", "/api/menu?callback=evil", "/api//menu", "/en"]


POISON_PATHS += ["http://evil.example/en/", "http://evil.example/api/menu", "/zh-hans%2f", "/./en/", "/en/%c0%ae/"]
