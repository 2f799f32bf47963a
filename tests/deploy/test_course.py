"""The commands of the course, run against the edge: `curl` and `ab` with `Host: cloudcafe.local`."""

import json
import re
import subprocess

import pytest

from tests.deploy.testbed import Testbed

HOST = "Host: cloudcafe.local"
ORDERS = [
    ({"customer_name": "缓存测试", "coffee_type": "美式咖啡", "quantity": 1, "total_price": 18.00}, 18),
    ({"customer_name": "张三", "coffee_type": "拿铁", "quantity": 2, "total_price": 50.00}, 50),
]


def curl(testbed: Testbed, path: str, *options: str) -> tuple[int, object]:
    """Return the status and the JSON that `curl` got."""
    command = ["curl", "-s", "-w", "\n%{http_code}", "-H", HOST, *options, f"{testbed.edge.url}{path}"]
    body, _, status = subprocess.run(command, capture_output=True, text=True, check=True).stdout.rpartition("\n")
    return int(status), json.loads(body)


def test_health(testbed: Testbed) -> None:
    assert curl(testbed, "/api/health") == (200, {"status": "healthy", "redis": "connected"})


@pytest.mark.parametrize(("order", "total"), ORDERS)
def test_an_order_is_placed_and_listed(testbed: Testbed, order: dict[str, object], total: int) -> None:
    as_json = ["-X", "POST", "-H", "Content-Type: application/json", "-d", json.dumps(order)]
    status, placed = curl(testbed, "/api/orders", *as_json)
    assert isinstance(placed, dict)
    told = {key: placed[key] for key in ("message", "total_price")}
    assert (status, told) == (201, {"message": "Order created successfully", "total_price": total})
    assert placed["status_url"] == f"/zh-hans/order/{placed['token']}/"

    def listed() -> list[dict[str, object]]:
        _status, orders = curl(testbed, "/api/orders")
        assert isinstance(orders, list)
        return [each for each in orders if each["id"] == placed["order_id"]]

    # The edge caches the order list for a second, and each instance may cache it for another.
    subprocess.run(["sleep", "2.5"], check=True)
    (mine,) = listed()
    expected = {"coffee_type": order["coffee_type"], "quantity": order["quantity"], "total_price": total}
    assert {key: mine[key] for key in expected} == expected
    assert mine["customer_name"] == f"{str(order['customer_name'])[0]}**"
    assert curl(testbed, f"/api/orders/{placed['token']}")[0] == 200


def test_cache_stats(testbed: Testbed) -> None:
    status, stats = curl(testbed, "/api/cache/stats")
    assert isinstance(stats, dict)
    assert status == 200
    wanted = {"total_commands_processed", "total_connections_received", "keyspace_hits", "keyspace_misses"}
    assert wanted <= stats.keys()


def test_a_wrong_price_and_an_unknown_address_are_refused_in_json(testbed: Testbed) -> None:
    order = json.dumps(ORDERS[0][0] | {"total_price": 1})
    told = curl(testbed, "/api/orders", "-X", "POST", "-H", "Content-Type: application/json", "-d", order)
    assert (told[0], told[1]["error"]["code"], told[1]["error"]["fields"]) == (
        409,
        "price_changed",
        {"total_price": 18.0},
    )
    status, refused = curl(testbed, "/api/nothing")
    assert (status, refused["error"]["code"]) == (404, "not_found")


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("path", ["/api/orders", "/api/health", "/api/menu"])
def test_ab_sees_no_failure(testbed: Testbed, path: str, record_property) -> None:
    command = ["ab", "-n", "1000", "-c", "10", "-l", "-H", HOST, f"{testbed.edge.url}{path}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    record_property("figures", re.sub(r"\s+", " ", re.search(r"Requests per second:.*", told)[0]))
    assert "Complete requests:      1000" in told
    assert "Failed requests:        0" in told
    assert "Non-2xx" not in told
