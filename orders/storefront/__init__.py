"""The customer's pages from the cart to the cup. None of them is cached."""
