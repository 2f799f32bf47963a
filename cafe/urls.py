from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from cafe.cache_stats import views as cache_stats_views
from cafe.health import dependencies
from cafe.health import views as health_views
from cafe.staff_session import views as staff_session_views
from cafe.web import errors
from menu import api as menu_api
from menu import pwa
from menu import views as menu_views
from orders.api import views as orders_api
from staff import views as staff_views

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns = [
    path("", menu_views.redirect_to_menu),
    path("sw.js", pwa.worker, name="worker"),
    path("media/<slug:content_hash>.webp", menu_views.picture, name="picture"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/bar/", include("orders.bar.urls")),
    path("admin/cache/", admin.site.admin_view(cache_stats_views.caches), name="caches"),
    path("admin/unsent/", staff_session_views.unsent_page, name="unsent"),
    path("admin/unsent/send/", staff_session_views.send, name="send_unsent"),
    path("admin/unsent/drop/", staff_session_views.drop, name="drop_unsent"),
    path("admin/stay/", staff_session_views.stay_signed_in, name="stay_signed_in"),
    path("admin/staff/", RedirectView.as_view(pattern_name="admin:staff_member_changelist")),
    path("admin/join/<str:token>/", staff_views.join, name="join"),
    path("admin/join/<str:token>", staff_views.join),  # some chat apps drop a link's last slash
    path("admin/", admin.site.urls),
    path("health/live/", health_views.live),
    path("health/ready/", health_views.ready),
    path("health/full/", dependencies.full),
    # For API clients: the course's addresses, all with /api and three of them also without.
    path("health", health_views.course_health),
    path("orders", orders_api.orders),
    path("cache/stats", health_views.cache_stats),
    path("api/health", health_views.course_health),
    path("api/menu", menu_api.menu),
    path("api/orders", orders_api.orders),
    path("api/orders/<str:token>", orders_api.order),
    path("api/cache/stats", health_views.cache_stats),
    re_path(r"^api(?:/.*)?$", errors.api_not_found),
]

urlpatterns += i18n_patterns(
    path("", include("menu.urls")),
    path("", include("orders.urls")),
)
