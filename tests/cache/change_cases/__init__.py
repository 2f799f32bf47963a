"""The change cases: every way of changing the menu, a module for each kind."""
