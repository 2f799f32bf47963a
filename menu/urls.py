from django.urls import path

from menu import pwa, views

app_name = "menu"
urlpatterns = [
    path("", views.menu, name="menu"),
    path("item/<slug:slug>/", views.item, name="item"),
    path("offline/", pwa.offline, name="offline"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
]
