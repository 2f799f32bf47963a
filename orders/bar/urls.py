from django.urls import path

from orders.bar import views

app_name = "bar"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("day/", views.day, name="day"),
    path("find/", views.find, name="find"),
    path("table/", views.table_card, name="table_card"),
    path("<str:token>/", views.ticket, name="ticket"),
    path("<str:token>/paper/", views.paper, name="paper"),
    path("<str:token>/<slug:action>/", views.act, name="act"),
]
