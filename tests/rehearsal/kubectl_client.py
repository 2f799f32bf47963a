"""The `kubectl` command of a rehearsal: sends its arguments to the little cluster over a Unix socket and prints the
answer."""

import json
import os
import signal
import socket
import sys

READS = ({"-f", "-"}, {"-i"}, {"exec", "-it"})  # with all words of one of these sets it reads stdin

words = sys.argv[1:]
reads = not sys.stdin.isatty() and any(said <= {*words} for said in READS)
signal.signal(signal.SIGINT, signal.SIG_DFL)
with socket.socket(socket.AF_UNIX) as line:
    try:
        line.connect(os.environ["REHEARSAL"])
    except (KeyError, OSError):
        sys.exit("This kubectl belongs to a rehearsal that is over: bin/rehearse starts one.")
    asked = {"words": words, "folder": os.getcwd(), "typed": sys.stdin.read() if reads else ""}
    line.sendall(json.dumps(asked).encode() + b"\n")
    with line.makefile("rb") as answer:
        done = json.load(answer)
sys.stdout.write(done["said"])
sys.stderr.write(done["error"])
sys.exit(done["status"])
