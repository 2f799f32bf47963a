"""The admin pages of the menu."""

from menu.admin import catalogue  # noqa: F401 - registers them
