"""Date formats (FORMAT_MODULE_PATH) where Django's formats of a language are not what our readers write."""
