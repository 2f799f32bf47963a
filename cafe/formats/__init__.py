"""How dates are written where Django's way of a language is not how our readers write them (FORMAT_MODULE_PATH)."""
