#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dev_run_test.py SUITE: `./dev run` on a new Debian system answers within three minutes, prints a
few lines, and leaves nothing behind when SIGTERM ends it."""

import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 180  # seconds, on 2 cores with a near mirror
MAX_LINES = 8  # printed by ./dev before the exporter's own
GIVE_UP = 1200  # seconds; longer than LIMIT, to report the real time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def metrics(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return None


class DevRun:
    """`./dev run` in a new system, and its output."""

    def __init__(self, suite, port):
        command = f"echo begin; exec ./dev run --web.listen-address=127.0.0.1:{port}"
        self.process = subprocess.Popen([HERE / "in_debian", suite, "sh", "-c", command], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.begin = None
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            if self.begin is None and line == "begin\n":
                self.begin = time.monotonic()
                continue
            self.lines.append(line.rstrip())
            seconds = time.monotonic() - self.begin if self.begin else 0
            print(f"{seconds:5.0f} s  {line}", end="", flush=True)

    def wait_for_answer(self, port):
        """Returns the page and the seconds since `./dev run` was started."""
        deadline = time.monotonic() + GIVE_UP
        while self.process.poll() is None and time.monotonic() < deadline:
            page = metrics(port)
            if page:
                return page, time.monotonic() - self.begin
            time.sleep(0.2)
        sys.exit(f"./dev run did not answer within {GIVE_UP} s, or ended")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.reader.join(60)


def left_behind():
    """Systems of in_debian, and processes that have mounts there."""
    sys.path.insert(0, str(HERE.parent / "guest"))
    from kernel_package import DEFAULT_CACHE
    roots = DEFAULT_CACHE.parent / "roots"
    left = [str(path) for path in roots.glob("run.*")]
    for table in pathlib.Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            if str(roots) in table.read_text():
                left.append(str(table))
        except OSError:
            pass  # the process ended
    return left


def main():
    port = free_port()
    before = left_behind()
    run = DevRun(sys.argv[1], port)
    try:
        page, seconds = run.wait_for_answer(port)
    finally:
        run.end()
    failures = []
    print(f"answered after {seconds:.0f} s")
    if seconds > LIMIT:
        failures.append(f"that is more than {LIMIT} s")
    if not re.search(r"^netchange_collector_up\{", page, re.MULTILINE):
        failures.append("no netchange_collector_up on the page")
    said = [line for line in run.lines if not line.startswith("time=")]
    failures += [f"not one of dev's lines: {line}" for line in said if not line.startswith("dev: ")]
    if len(said) > MAX_LINES:
        failures.append(f"{len(said)} lines before those of the exporter")
    failures += [f"left behind: {thing}" for thing in left_behind() if thing not in before]
    print("\n".join(failures))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
