"""The command: listens, says where, and ends with the test that started it."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import threading

from . import regions, server


def main() -> None:
    """Runs the emulator until its stdin ends (or until it is killed, with --stay)."""
    parser = argparse.ArgumentParser(prog="run", description="An AWS emulator for harden's tests.")
    parser.add_argument("--port", type=int, default=0, help="loopback port (default: any free one)")
    parser.add_argument("--regions", type=_names, help="regions that accounts have enabled unless set otherwise")
    parser.add_argument("--stay", action="store_true", help="do not exit at the end of stdin")
    options = parser.parse_args()

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    regions.limit(options.regions)
    listening = server.listen(options.port)
    if not options.stay:
        threading.Thread(target=_exit_with_parent, daemon=True).start()
    print(f"listening on http://{listening.host}:{listening.port}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        listening.serve_forever()


def _names(text: str) -> list[str] | None:
    return [name for name in text.split(",") if name]


def _exit_with_parent() -> None:
    """Waits for the end of stdin, which the parent holds open: it comes even if the parent is killed."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    # Requests in flight have nobody left to answer.
    os._exit(0)


if __name__ == "__main__":
    main()
