"""Values kept in this process and in Redis (docs/caching.md). The only importer of redis and of Django's cache."""
