"""The edge's configuration lists every language of the café. The edge's own pages link to the requested page in the
other language."""

import re
import socket
from collections.abc import Iterator

import pytest
from django.conf import settings

from deploy.edge import NGINX
from tests.deploy.edge import Edge

CODES = [code for code, _name in settings.LANGUAGES]
NOBODY = "127.0.0.1:9"  # no instance listens there, so that the edge answers itself

pytestmark = pytest.mark.needs_nginx


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    edge = Edge(tmp_path_factory.mktemp("edge"), instances=NOBODY).start()
    yield edge
    edge.kill()


def asked(edge: Edge, address: str) -> str:
    """Return the whole answer to this path, sent unescaped: an HTTP library would refuse some of them."""
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as line:
        line.sendall(f"GET {address} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        return b"".join(iter(lambda: line.recv(65536), b"")).decode()


@pytest.mark.parametrize(
    ("address", "switch"),
    [
        ("/en/cart/", "/zh-hans/cart/"),
        ("/zh-hans/checkout/", "/en/checkout/"),
        ("/en/orders/mine/?page=2&x=%22", "/zh-hans/orders/mine/?page=2&amp;x=%22"),
        ("/en/item/latte/", "/zh-hans/item/latte/"),
        ("/en//elsewhere.example/", "/zh-hans//elsewhere.example/"),
        ('/en/cart/"><b>', "/zh-hans/cart/&quot;&gt;&lt;b&gt;"),
        ("/cart/", "/en/"),
        ("/en/" + "x" * 1500, "/zh-hans/"),
    ],
)
def test_the_switch_leads_to_the_same_address(edge: Edge, address: str, switch: str) -> None:
    page = asked(edge, address)
    links = re.findall(r'<a class="site-header__link site-header__language" href="([^"]*)"', page)
    assert links == [switch], page
    assert "<b>" not in page
    assert "<!--#" not in page


def test_every_language_is_wired_into_the_edge() -> None:
    """docs/languages.md lists the places to add a third language."""
    text = (NGINX / "nginx.conf").read_text()
    groups = set(re.findall(r"\((en\|[^)]*)\)", text))
    assert [sorted(group.split("|")) for group in groups] == [sorted(CODES)]
    named = re.search(r"\(json\|([^)]*)\)", text)
    assert named
    assert sorted(named[1].replace("\\.html", "").split("|")) == sorted(CODES)
    for code in CODES:
        assert f'/{code}/" {code}.html;' in text
        assert f"$edge_in_{code.replace('-', '_')} {{" in text
