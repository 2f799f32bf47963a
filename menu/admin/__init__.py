"""The admin pages of the menu."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from menu.admin import categories, items, options, pictures  # noqa: F401 - registers them

admin.site.site_header = _("Cloud Café")
admin.site.site_title = _("Cloud Café")
admin.site.index_title = _("Behind the counter")
