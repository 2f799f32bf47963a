"""The `kubectl` of a rehearsal: it hands its words over to the little cluster and prints the answer."""

import json
import os
import signal
import socket
import sys

READS = ({"-f", "-"}, {"-i"}, {"exec", "-it"})  # of these words all: then it reads what is typed

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
