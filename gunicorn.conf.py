"""How gunicorn serves the café: threads in a few processes that share one loaded application.

What a place may want to change comes from the environment. A value that cannot be read stops the start by the
system check cafe.E001, like any other, because `cafe.wsgi` is loaded in this process.
"""

import gc
import os

from cafe.conf import env, json_logging

# Loading makes objects that stay; looking among them for garbage is a part of the time to start. Until when_ready.
gc.disable()

_production = env.text("CAFE_ENV") == "production"
_host = env.text("HOST", "0.0.0.0" if _production else "127.0.0.1")  # noqa: S104
_port = env.number("PORT", 8000, least=1, most=65535)

bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "cafe.serving.gunicorn_worker.FastPathWorker"  # gthread, with answers at once and a quiet end
workers = env.number("WEB_WORKERS", 2, least=1, most=256)
threads = env.number("WEB_THREADS", 8, least=1, most=1024)
preload_app = True

# The edge keeps a connection for 60 s; closing it first here would make it send a request into a closed door.
keepalive = 75
timeout = 30
graceful_timeout = 30

# A heartbeat file on a slow disk can get a healthy worker killed.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
control_socket_disable = True

# Who may say "this came by https", and the one header that says it.
forwarded_allow_ips = ",".join(env.networks("TRUSTED_PROXIES", ["127.0.0.1", "::1"]))
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}

# Two signed cookies of 4 kB and a staff session fit into one header.
limit_request_line = 4094
limit_request_fields = 1000
limit_request_field_size = 16 * 1024

# The application logs its requests itself; gunicorn's own words take the same form.
accesslog = None
logconfig_dict = json_logging.config("INFO") | {
    "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False}}
}


def when_ready(server):
    """Close what loading the application may have opened, for two processes cannot share a connection; leave what it
    made to the processes together, untouched by their garbage collectors; and leave in order."""
    from django.db import connections

    from cafe.serving import draining

    connections.close_all()
    gc.collect()
    gc.freeze()
    gc.enable()
    draining.when_stopping(server)


def post_worker_init(worker):
    """Begin to keep the menu current: threads do not survive a fork, so each process starts its own."""
    gc.enable()  # a master that was told to read this file again (SIGHUP) forks with what it says above
    worker.wsgi.open()
