"""Uploaded photos: limits, decoding, colours, and the process that does it apart from the server.

The server calls `encoder_process.encode_photo`, which starts `worker`. What runs there (`encoding`, `decoding`,
`colour` …) imports Pillow and never Django; what the server imports (`forms`, `messages`) never Pillow.
"""
