from django.urls import path

from orders import bar

app_name = "bar"
urlpatterns = [
    path("", bar.queue, name="queue"),
    path("day/", bar.day, name="day"),
    path("find/", bar.find, name="find"),
    path("table/", bar.table_card, name="table_card"),
    path("<str:token>/", bar.ticket, name="ticket"),
    path("<str:token>/paper/", bar.paper, name="paper"),
    path("<str:token>/<slug:action>/", bar.act, name="act"),
]
