from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _


class BreakerState(models.TextChoices):
    CLOSED = "closed", _("closed")
    OPEN = "open", _("open")
    HALF_OPEN = "half-open", _("half-open")


class CacheMinute(models.Model):
    """Counts of one cache in one instance in one minute, summed over the instance's processes, and the cache's state
    at the last write. Only `cafe.cache_stats.recorder` writes rows; it deletes them after a day."""

    minute = models.DateTimeField(_("minute"))
    program = models.CharField(_("program"), max_length=120)
    cache = models.CharField(_("cache"), max_length=40)
    hits = models.PositiveBigIntegerField(_("hits"), default=0)
    misses = models.PositiveBigIntegerField(_("misses"), default=0)
    builds = models.PositiveBigIntegerField(_("builds"), default=0)
    version = models.CharField(_("version"), max_length=60, blank=True)
    age_s = models.FloatField(_("age in seconds"), null=True, blank=True)
    breaker = models.CharField(_("breaker"), max_length=9, choices=BreakerState.choices, blank=True)
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("minute of a cache")
        verbose_name_plural = _("minutes of the caches")
        default_permissions = ["view"]
        constraints = [UniqueConstraint(fields=["minute", "program", "cache"], name="cache_minute_once")]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M} {self.program} {self.cache}"
