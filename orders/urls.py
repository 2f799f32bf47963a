from django.urls import path

from orders import views

app_name = "orders"
urlpatterns = [
    path("cart/", views.cart, name="cart"),
    path("cart/add/", views.add_to_cart, name="add_to_cart"),
    path("cart/change/", views.change_cart, name="change_cart"),
    path("cart/accept/", views.accept_cart, name="accept_cart"),
    path("cart/take-what-is-left/", views.take_what_is_left, name="take_what_is_left"),
    path("checkout/", views.checkout, name="checkout"),
    path("order/<str:token>/", views.order, name="order"),
    path("order/<str:token>/cancel/", views.cancel_order, name="cancel_order"),
    path("order/<str:token>/again/", views.order_again, name="order_again"),
    path("orders/mine/", views.my_orders, name="my_orders"),
    path("board/", views.board, name="board"),
]
