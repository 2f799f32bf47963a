"""The orders API for API clients: `/api/orders`, exactly as the contract specifies it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page

from cafe.web import json_api
from cafe.web.json_error import ApiError
from menu.api import names, number
from menu.fields import in_language
from menu.http_caching import PUBLIC_FOR_A_SECOND
from orders import selectors, services
from orders.api.parsing import OrderRequest, read_key, read_order_request
from orders.errors import Invalid, OrderError, PriceChanged, SoldOut
from orders.models import Order, OrderLine
from orders.placing.idempotency import fingerprint_of_request

STATUS_OF = {
    "invalid": 422,
    "unknown_item": 422,
    "key_reused": 422,
    "sold_out": 409,
    "price_changed": 409,
    "not_allowed_now": 409,
    "unavailable": 503,
}


@json_api.endpoint("GET", "POST")
def orders(request: HttpRequest) -> HttpResponse:
    return _place(request) if request.method == "POST" else _newest(request)


@conditional_page
def _newest(request: HttpRequest) -> JsonResponse:
    """Return the order list. `cafe.serving.order_list_cache` caches the response while its `fresh` is current."""
    fresh = selectors.RECENT.fetch(lambda: [_summary(order) for order in selectors.newest_orders()])
    response = _json(fresh.value)
    response["Cache-Control"] = PUBLIC_FOR_A_SECOND
    response.fresh = fresh  # type: ignore[attr-defined]
    return response


@json_api.endpoint("GET")
def order(request: HttpRequest, token: str) -> HttpResponse:
    found = selectors.order_with_token(token)
    if found is None:
        raise ApiError(404, "not_found", _("There is no such order."))
    lines = [_line(line) | {"contents": _contents(line)} for line in found.lines.all()]
    return _json({**_summary(found), **_state(found), "lines": lines}, headers={"Cache-Control": "no-store"})


def _place(request: HttpRequest) -> JsonResponse:
    body = json_api.read_object(request)
    key = read_key(request)
    wanted = read_order_request(body)
    try:
        placed = _place_order(wanted, key)
    except OrderError as error:
        raise _api_error(error) from error
    answer = {
        "order_id": placed.pk,
        "message": "Order created successfully",
        "number": placed.number,
        "token": placed.token,
        "status_url": placed.get_absolute_url(),
        "total_price": number(placed.total),
    }
    repeats = {"Idempotent-Replayed": "true"} if placed.was_placed_before else {}
    return _json(answer, status=201, headers={"Cache-Control": "no-store", **repeats})


def _place_order(wanted: OrderRequest, key: str | None) -> Order:
    return services.place_order(
        lines=wanted.lines,
        customer_name=wanted.customer_name,
        phone=wanted.phone,
        note=wanted.note,
        fulfilment=wanted.fulfilment,
        language=settings.LANGUAGE_CODE,
        submission_key=key,
        submission_hash=fingerprint_of_request(wanted),
        expected_total=wanted.total_price,
    )


def _api_error(error: OrderError) -> ApiError:
    fields: dict[str, Any] = {}
    if isinstance(error, PriceChanged):
        fields["total_price"] = number(error.total)
    if isinstance(error, SoldOut):
        fields |= {shortage.slug: shortage.left for shortage in error.shortages}
    if isinstance(error, Invalid) and error.line is not None:
        fields[f"lines.{error.line}"] = error.message
    return ApiError(STATUS_OF[error.code], error.code, error.message, fields)


def _summary(order: Order) -> dict[str, Any]:
    lines = list(order.lines.all())
    return {
        "id": order.pk,
        "customer_name": mask(order.customer_name),
        "coffee_type": "、".join(in_language(line, "name", settings.LANGUAGE_CODE) for line in lines),
        "quantity": sum(line.quantity for line in lines),
        "total_price": number(order.total),
        "order_time": timezone.localtime(order.placed_at).isoformat(timespec="seconds"),
        "status": order.status,
        "lines": [_line(line) for line in lines],
    }


def _state(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "payment_status": order.payment_status,
        "fulfilment": order.fulfilment,
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "item": line.item_slug,
        **names(line),
        "options": [_option(option) for option in line.options],
        "unit_price": number(line.unit_price),
        "quantity": line.quantity,
    }


def _contents(line: OrderLine) -> dict[str, Any]:
    """Return the allergens of a line; if `is_complete` is false, it may contain others as well."""
    return {"allergens": line.contents.allergen_keys, "is_complete": line.contents.is_stated}


def _option(option: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": option["id"],
        "name": option["name_zh_hans"],
        "name_en": option["name_en"],
        "name_zh_hans": option["name_zh_hans"],
        "price_delta": number(Decimal(option["price_delta"])),
    }


def mask(name: str) -> str:
    """Return a name as anybody may see it: its first character and two stars."""
    return f"{name[:1]}**"


def _json(content: Any, **kwargs: Any) -> JsonResponse:
    return JsonResponse(content, safe=False, json_dumps_params={"ensure_ascii": False}, **kwargs)
