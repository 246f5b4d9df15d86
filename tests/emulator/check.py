#!/usr/bin/env python3
"""Checks the emulator against what it promises: starts one, and asks it everything with boto3.

Prints a line for each check that fails, and the count. Run it with the Python of the emulator's virtual environment;
arguments pick the checks whose names contain one of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent

from checks import CHECKS  # noqa: E402 (bytecode is switched off first)
from checks.lab import Lab  # noqa: E402

_FIRST_ACCOUNT = 300000000000


def main() -> int:
    """Runs the checks; the exit code says whether all of them passed."""
    wanted = sys.argv[1:]
    chosen = [check for check in CHECKS if not wanted or any(word in check.name for word in wanted)]
    emulator = _start()
    assert emulator.stdout is not None and emulator.stdin is not None
    url = emulator.stdout.readline().split()[-1]
    failed = 0
    for number, check in enumerate(chosen):
        try:
            check.run(Lab(url, str(_FIRST_ACCOUNT + number)))
        except Exception as error:
            failed += 1
            print(f"FAILED {check.name}: {_where(error)}: {type(error).__name__}: {error}")
    emulator.stdin.close()
    try:
        emulator.wait(timeout=5)
    except subprocess.TimeoutExpired:
        failed += 1
        print("FAILED the emulator does not exit at the end of its stdin")
        emulator.kill()
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _start() -> subprocess.Popen[str]:
    environment = dict(os.environ, PYTHONPATH=str(HERE), PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-m", "launcher"]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _where(error: Exception) -> str:
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "/checks/" in frame.filename]
    frame = next((one for one in reversed(ours) if not one.filename.endswith("lab.py")), ours[-1])
    return f"{Path(frame.filename).name}:{frame.lineno}"


if __name__ == "__main__":
    sys.exit(main())
