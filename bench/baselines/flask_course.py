"""The course's program, rewritten from its description: the usual way to serve `GET /orders` and `POST /orders`.

    python -m bench.baselines.flask_course           # serve on PORT, by Flask's own threaded server
    python -m bench.baselines.flask_course fill      # recreate the table, with 10,000 orders

Flask and PyMySQL are the set "course" of bench/cache_comparison/libraries.py, for PYTHONPATH. It reads the café's
environment (DB_HOST …, REDIS_HOST …) and may share the café's database: no other code uses the table `orders`. One
fix against the description: a Decimal is sent as a number, because otherwise every response with an order is a 500.
"""

import json
import os
import sys
from decimal import Decimal
from typing import Any

import pymysql
import redis
from flask import Flask, jsonify, request

KEY, TTL_S = "orders:latest", 60
ORDERS = 10_000
TABLE = """
CREATE TABLE orders (
    id INT AUTO_INCREMENT PRIMARY KEY,
    customer_name VARCHAR(100) NOT NULL,
    coffee_type VARCHAR(50) NOT NULL,
    quantity INT NOT NULL,
    total_price DECIMAL(10, 2) NOT NULL,
    order_time DATETIME DEFAULT CURRENT_TIMESTAMP,
    status VARCHAR(20) DEFAULT 'pending'
) CHARACTER SET utf8mb4
"""
FILL = """
INSERT INTO orders (customer_name, coffee_type, quantity, total_price, order_time)
SELECT CONCAT('Customer ', seq), '美式咖啡', 1 + seq % 3, 18.00 * (1 + seq % 3), NOW() - INTERVAL seq MINUTE
FROM seq_1_to_{count}
"""
NEWEST = "SELECT * FROM orders ORDER BY order_time DESC LIMIT 20"
INSERT = "INSERT INTO orders (customer_name, coffee_type, quantity, total_price) VALUES (%s, %s, %s, %s)"

app = Flask(__name__)
cache = redis.Redis(
    host=os.environ.get("REDIS_HOST", "localhost"),
    port=int(os.environ.get("REDIS_PORT", "6379")),
    password=os.environ.get("REDIS_PASSWORD") or None,
    decode_responses=True,
)


def connect() -> "pymysql.Connection[Any]":
    return pymysql.connect(
        host=os.environ["DB_HOST"],
        port=int(os.environ.get("DB_PORT", "3306")),
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        database=os.environ["DB_NAME"],
        charset="utf8mb4",
        cursorclass=pymysql.cursors.DictCursor,
    )


@app.get("/health")
def health() -> Any:
    return jsonify({"status": "healthy"})


@app.get("/orders")
def newest_orders() -> Any:
    kept = cache.get(KEY)
    if kept:
        return jsonify(json.loads(kept))
    connection = connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(NEWEST)
        orders = [_as_json(row) for row in cursor.fetchall()]
    cache.setex(KEY, TTL_S, json.dumps(orders))
    return jsonify(orders)


@app.post("/orders")
def place_order() -> Any:
    sent = request.get_json()
    connection = connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(INSERT, [sent[name] for name in ("customer_name", "coffee_type", "quantity", "total_price")])
        order_id = cursor.lastrowid
        connection.commit()
    cache.delete(KEY)
    return jsonify({"message": "Order created successfully", "order_id": order_id}), 201


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if isinstance(value, Decimal) else _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    return value if isinstance(value, int | str) else value.isoformat()


def fill(count: int = ORDERS) -> None:
    """Recreate the table, with `count` orders and no index except its primary key."""
    connection = connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS orders")
        cursor.execute(TABLE)
        cursor.execute(FILL.format(count=count))
        connection.commit()
    cache.delete(KEY)


if __name__ == "__main__":
    if sys.argv[1:] == ["fill"]:
        fill()
    else:
        app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")), threaded=True)
