from django.urls import path

from orders.storefront import cart, cart_line, checkout, order, paper

app_name = "orders"
urlpatterns = [
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.add_to_cart, name="add_to_cart"),
    path("cart/settle/", cart.settle_cart, name="settle_cart"),
    path("cart/change/", cart.change_cart, name="change_cart"),
    path("cart/line/<str:key>/", cart_line.edit_line, name="edit_line"),
    path("cart/put-back/", cart_line.put_back, name="put_back"),
    path("cart/accept/", cart.accept_cart, name="accept_cart"),
    path("cart/take-what-is-left/", cart.take_what_is_left, name="take_what_is_left"),
    path("checkout/forget/", checkout.forget_details, name="forget_details"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("order/<str:token>/", order.order, name="order"),
    path("order/<str:token>/cancel/", order.cancel_order, name="cancel_order"),
    path("order/<str:token>/again/", order.order_again, name="order_again"),
    path("order/<str:token>/paper/", paper.paper, name="paper"),
    path("shared/<str:code>/", order.shared_order, name="shared_order"),
    path("orders/mine/", order.my_orders, name="my_orders"),
    path("board/", order.board, name="board"),
]
