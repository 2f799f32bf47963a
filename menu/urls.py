from django.urls import path

from menu import offline, views

app_name = "menu"
urlpatterns = [
    path("", views.menu, name="menu"),
    path("item/<slug:slug>/", views.item, name="item"),
    path("offline/", offline.offline, name="offline"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
]
