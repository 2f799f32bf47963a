"""The customer's pages, from the cart to the order's timeline. None of them is cached."""
