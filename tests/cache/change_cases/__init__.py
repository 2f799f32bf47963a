"""Every way of changing the menu, by what is changed."""
