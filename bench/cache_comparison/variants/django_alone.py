"""Settings: the café by Django alone, reading the menu from the database at each request.

django-redis is as its README sets it up (pickle, no time limits); `BENCH_REDIS` is its address, a database of its own
for each variant.
"""

import os

from cafe.settings import *  # noqa: F403

ROOT_URLCONF = "cafe.urls"
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": os.environ["BENCH_REDIS"]}}
