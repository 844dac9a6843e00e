# SPDX-License-Identifier: Apache-2.0
"""Prometheus, Alertmanager, a webhook receiver and something to scrape, on free ports of loopback,
in a directory of their own. All are children, and end with this process."""

import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
RULES = SOURCE / "deploy/prometheus"
EVERY_COMMAND_IS_SLOW = "ethtool: {slow: 0}\n"  # so that there are slow ones; as in record_pages


class StackError(Exception):
    """Something did not start or did not answer."""


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def wait_for(what, condition, seconds=30):
    """Waits until `condition` is true, and returns its result."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError, ValueError):
            if result := condition():
                return result
        time.sleep(0.05)
    raise StackError(f"{what}: not within {seconds} s")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Server:
    """An HTTP server of this process that answers as `handle(handler)` says."""

    def __init__(self, handle):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                handle(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

            def answer(self, text=""):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(text.encode())

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Webhook(Server):
    """Stores the alerts from Alertmanager: (Unix time, alert)."""

    def __init__(self):
        self.alerts = []
        super().__init__(self.receive)

    def receive(self, handler):
        message = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.alerts += [(time.time(), alert) for alert in message["alerts"]]
        handler.answer()


class LiveExporter:
    """The exporter on the running kernel, and real events in a namespace, which goes with the
    object."""

    def __init__(self, stack, program, programs):
        self.address, self.blind = stack.exporter(program, config=EVERY_COMMAND_IS_SLOW)
        self.programs, self.netns = programs, f"netchange-panels-{os.getpid()}"
        self.down = None  # a time when it did not answer
        self.first = self.page()

    def page(self):
        return get(f"http://{self.address}/metrics")

    def runs(self):
        """The first and the last page of each process."""
        return [(self.first, self.page())]

    def play(self):
        """Makes events, and waits until they have been scraped."""
        for _ in range(2):
            subprocess.run([HERE / "make_events", self.netns, self.programs], check=True)
            time.sleep(3)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if os.path.exists(f"/run/netns/{self.netns}"):
            subprocess.run(["ip", "netns", "del", self.netns], check=True)


class RecordedExporter(Server):
    """In the place of LiveExporter: serves pages/, which a real exporter made in a guest, one after
    the other in the time that they were recorded in, and the last one from then on. Times of
    events are moved to now. play() ends with a restart: after the last page was scraped once, it
    does not answer for a while, and then is another process that counted what page1 has."""

    def __init__(self):
        self.texts = [file.read_text() for file in sorted((HERE / "pages").glob("page*.txt"))]
        self.times = [float(re.match(r"# recorded ([\d.]+)", text)[1]) for text in self.texts]
        self.start, self.blind = None, ""
        self.shown, self.silent, self.down, self.restart = None, False, None, None
        self.netns = "demo"
        super().__init__(self.serve)

    def serve(self, handler):
        now = time.time()
        self.start = self.start or now
        if self.silent:
            handler.send_error(503)
            return
        self.shown = [
            text
            for text, at in zip(self.texts, self.times)
            if at - self.times[0] <= now - self.start
        ][-1]
        handler.answer(
            re.sub(
                r"^(\w+_time(?:stamp)?_seconds(?:\{.*\})?) (\S+)$",
                self.moved,
                self.texts[1] if self.restart else self.shown,
                flags=re.M,
            )
        )

    def moved(self, sample):
        at = self.restart or float(sample[2]) + self.start - self.times[0]
        return f"{sample[1]} {at:.3f}"

    def runs(self):
        return [(self.texts[0], self.texts[-1]), ("", self.texts[1])]

    def play(self):
        wait_for("a scrape of the last page", lambda: self.shown == self.texts[-1], 60)
        self.silent = True
        time.sleep(5)
        self.down = time.time()
        self.restart, self.silent = self.down, False
        time.sleep(3)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()


class Stack:
    """A context manager; see the module."""

    def __init__(self, scrape_seconds=1, evaluation_seconds=2):
        self.scrape_seconds, self.evaluation_seconds = scrape_seconds, evaluation_seconds
        self.children, self.running, self.work = [], {}, None

    def __enter__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="netchange_stack."))
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.terminate()
        for child in self.children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.work, ignore_errors=True)

    def start(self, name, command, ready):
        """Starts a child and waits until `ready` (a URL) answers."""
        log = self.work / f"{name}.log"
        with open(log, "wb") as output:
            child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.children.append(child)
        self.running[name] = child

        def answers():
            if child.poll() is not None:
                raise StackError(f"{name} ended with status {child.returncode}:\n{log.read_text()}")
            return get(ready) or True

        wait_for(f"{name} at {ready}", answers, 60)

    def exporter(self, program, port=None, config=""):
        """Starts the exporter with this configuration; returns its address, and None or the reason why it sees no ethtool
        commands."""
        address = f"127.0.0.1:{port or free_port()}"
        file = self.work / "exporter.yml"
        file.write_text(config)
        self.start(
            "exporter",
            [program, f"--config.file={file}", f"--web.listen-address={address}"],
            f"http://{address}/-/ready",
        )
        page = get(f"http://{address}/metrics")
        if re.search(r'^netchange_collector_up\{collector="ethtool"\} 1$', page, re.M):
            return address, None
        lines = (self.work / "exporter.log").read_text().splitlines()
        return address, next(
            (line for line in lines if "collector is blind" in line and "ethtool" in line),
            "it gives no reason",
        )

    def prometheus(self, target, alertmanager=None, port=None):
        """Starts Prometheus with the shipped rules. Returns its interface."""
        address = f"127.0.0.1:{port or free_port()}"
        config = yaml.safe_load((RULES / "prometheus.yml").read_text())
        config["global"] = {
            "scrape_interval": f"{self.scrape_seconds}s",
            "scrape_timeout": f"{self.scrape_seconds}s",
            "evaluation_interval": f"{self.evaluation_seconds}s",
        }
        config["rule_files"] = [str(RULES / name) for name in config["rule_files"]]
        config["rule_files"].append("expected*.yml")  # none before expect()
        config["scrape_configs"][0]["static_configs"] = [{"targets": [target]}]
        config["alerting"] = {
            "alertmanagers": [
                {"static_configs": [{"targets": [alertmanager] if alertmanager else []}]}
            ]
        }
        (self.work / "prometheus.yml").write_text(yaml.safe_dump(config))
        self.start(
            "prometheus",
            [
                "prometheus",
                f"--config.file={self.work}/prometheus.yml",
                f"--storage.tsdb.path={self.work}/data",
                f"--web.listen-address={address}",
            ],
            f"http://{address}/-/ready",
        )
        return Prometheus(address)

    def expect(self, prometheus, text):
        """Loads a list of expected callers, and waits until it was evaluated."""
        (self.work / "expected.yml").write_text(text)
        self.running["prometheus"].send_signal(signal.SIGHUP)
        wait_for(
            "the list of expected callers",
            lambda: prometheus.query("netchange:expected", time.time()),
        )

    def alertmanager(self, webhook, port=None):
        address = f"127.0.0.1:{port or free_port()}"
        (self.work / "alertmanager.yml").write_text(
            yaml.safe_dump(
                {
                    "route": {
                        "receiver": "webhook",
                        "group_by": ["..."],
                        "group_wait": "0s",
                        "group_interval": "1s",
                    },
                    "receivers": [
                        {"name": "webhook", "webhook_configs": [{"url": f"http://{webhook}/"}]}
                    ],
                }
            )
        )
        self.start(
            "alertmanager",
            [
                "prometheus-alertmanager",
                f"--config.file={self.work}/alertmanager.yml",
                f"--storage.path={self.work}/alertmanager",
                f"--web.listen-address={address}",
                "--cluster.listen-address=",
            ],
            f"http://{address}/-/ready",
        )
        return address


class Prometheus:
    """Its HTTP interface."""

    def __init__(self, address):
        self.address = address

    def api(self, path, **parameters):
        url = (
            f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        )
        try:
            return json.loads(get(url))["data"]
        except urllib.error.HTTPError as error:
            raise StackError(f"{parameters}: {json.loads(error.read())['error']}") from error

    def query(self, expr, at):
        return self.api("query", query=expr, time=at)["result"]

    def number(self, expr):
        """The value of an expression that has one series, or None."""
        result = self.query(expr, time.time())
        return float(result[0]["value"][1]) if result else None

    def query_range(self, expr, start, end, step):
        return self.api("query_range", query=expr, start=start, end=end, step=step)["result"]
