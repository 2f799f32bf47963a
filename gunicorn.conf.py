"""gunicorn's settings: a few worker processes with several threads each, forked from one loaded application.

Deployment settings come from the environment (`cafe.conf.env`). An unreadable value fails the system check cafe.E001
and so stops the start, because this process loads `cafe.wsgi`, which runs the checks.
"""

import gc
import os

from cafe.conf import env, json_logging

# No garbage collection until `when_ready`: objects made while loading stay, and scanning them lengthens the start.
gc.disable()

_production = env.text("CAFE_ENV") == "production"
_host = env.text("HOST", "0.0.0.0" if _production else "127.0.0.1")  # noqa: S104
_port = env.number("PORT", 8000, least=1, most=65535)

bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "cafe.serving.gunicorn_worker.FastPathWorker"  # gthread, page cache, graceful shutdown
workers = env.number("WEB_WORKERS", 2, least=1, most=256)
threads = env.number("WEB_THREADS", 8, least=1, most=1024)
preload_app = True

# The edge keeps an idle connection for 60 s. If it were closed here first, the edge could send a request into it.
keepalive = 75
timeout = 30
graceful_timeout = 30

# A heartbeat file on a slow disk can get a healthy worker killed.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
control_socket_disable = True

# Proxies that may state that a request came by HTTPS, and the only header for it.
forwarded_allow_ips = ",".join(env.networks("TRUSTED_PROXIES", ["127.0.0.1", "::1"]))
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}

# A Cookie header holds up to two signed cookies of 4 kB and a staff session.
limit_request_line = 4094
limit_request_fields = 1000
limit_request_field_size = 16 * 1024

# The application writes its own access log (`RequestLogMiddleware`); gunicorn's messages use the same JSON format.
accesslog = None
logconfig_dict = json_logging.config("INFO") | {
    "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False}}
}


def when_ready(server):
    """Before the fork: close connections, exempt loaded objects from garbage collection, set up graceful shutdown."""
    from django.db import connections

    from cafe.serving import draining

    connections.close_all()  # loading may have opened some, and two processes cannot share a connection
    gc.collect()
    gc.freeze()  # the workers' garbage collectors leave these objects alone, so their memory stays shared
    gc.enable()
    draining.when_stopping(server)


def post_worker_init(worker):
    """Start the poller: threads do not survive a fork, so each worker process starts its own."""
    gc.enable()  # on SIGHUP the master executes this file again, and forks with garbage collection disabled
    worker.wsgi.open()
