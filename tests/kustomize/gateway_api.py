"""Strict JSON schemas for the part of the Gateway API (v1) that we use: its kinds are not built into Kubernetes, and
no package contains their schemas."""

from typing import Any


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": 1, "maxItems": 16}


_name = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}
_host = {"type": "string", "pattern": r"^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"}
_port = {"type": "integer", "minimum": 1, "maximum": 65535}
_words = {"type": "object", "additionalProperties": {"type": "string"}}
_metadata = _object({"name": _name}, namespace=_name, labels=_words, annotations=_words)
_path = _object({"type": {"enum": ["Exact", "PathPrefix"]}, "value": {"type": "string", "pattern": "^/"}})
_listener = _object(
    {"name": _name, "protocol": {"enum": ["HTTP", "HTTPS"]}, "port": _port},
    hostname=_host,
    allowedRoutes=_object({"namespaces": _object({"from": {"enum": ["All", "Same"]}})}),
)
_rule = _object(
    {"matches": _list(_object({"path": _path})), "backendRefs": _list(_object({"name": _name, "port": _port}))}
)


def _kind(kind: str, spec: Any) -> dict[str, Any]:
    api = {"const": "gateway.networking.k8s.io/v1"}
    return _object({"apiVersion": api, "kind": {"const": kind}, "metadata": _metadata, "spec": spec})


GATEWAY_API = {
    ("gateway.networking.k8s.io/v1", "Gateway"): _kind(
        "Gateway", _object({"gatewayClassName": _name, "listeners": _list(_listener)})
    ),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): _kind(
        "HTTPRoute",
        _object({"parentRefs": _list(_object({"name": _name})), "hostnames": _list(_host), "rules": _list(_rule)}),
    ),
}
