"""Settings: the café on plain Django, which reads the menu from the database at each request.

django-redis is configured as in its README (pickle, no timeouts); `BENCH_REDIS` is its address, with a separate Redis
database for each variant.
"""

import os

from cafe.settings import *  # noqa: F403

ROOT_URLCONF = "cafe.urls"
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": os.environ["BENCH_REDIS"]}}
