"""Uploaded photos: limits, decoding, colour conversion and encoding, in a process separate from the server.

The server calls `encoder_process.encode_photo`, which starts `worker`. The modules that run there (`encoding`,
`decoding`, `colour` …) import Pillow and never Django; those that the server imports (`forms`, `messages`) never
import Pillow.
"""
