#!/usr/bin/env python3
"""What telemetry costs the requests of a generated service.

    benches/cost/telemetry.py [--rounds N] [--requests N]

The service of service.yaml is generated with all defaults, built once and started twice:
  * on: metrics are pushed every second to a collector that takes everything, rate limits track
    latencies, and the service logs at its default level;
  * off: OTEL_SDK_DISABLED=true, and an operator's file that switches latency tracking off.
Prints two ratios of on to off within this run, for a plain GET route and for one with four patterns:
  * instructions a request, counted by valgrind over a fixed number of requests: what else the
    machine does makes no difference. Metrics are pushed at the end alone here, so that they do
    not count by how slow valgrind is; the kernel's instructions are not counted;
  * CPU time a request: wrk loads both services in turn on loopback, a second each time, and the
    cheapest second of each counts, since disturbances only ever add.
Exits with 1 when a ratio is above 1.05.

CARGO_TARGET_DIR is where the service is built. Needs cargo, wrk and valgrind (Debian's packages of
these names).
"""

import argparse
import http.client
import http.server
import os
import re
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from measure import ARTICLE, HERE, ROOT, Server, run

LIMIT = 1.05
ROUTES = {"plain": "/inventories", "guarded": "/guarded"}


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes everything, and counts it."""

    protocol_version = "HTTP/1.1"
    pushes = 0

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Collector.pushes += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def collector():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def build(work):
    service = work / "cost"
    run("cargo", "run", "-q", "--package", "failsafe-generator", "--", "generate",
        HERE / "service.yaml", "-o", service, "--runtime", f"path:{ROOT / 'runtime'}")
    shutil.copy(HERE / "handlers.rs", service / "src/handlers/inventories.rs")
    target = Path(os.environ.get("CARGO_TARGET_DIR", work / "target"))
    env = dict(os.environ, CARGO_TARGET_DIR=str(target), CARGO_PROFILE_RELEASE_LTO="thin",
               CARGO_PROFILE_RELEASE_CODEGEN_UNITS="1")
    run("cargo", "build", "-q", "--release", cwd=service, env=env)
    return target / "release/service"


class Counted(Server):
    """A service whose instructions are counted until it is stopped."""

    def __init__(self, binary, log, **variables):
        self.log = log
        # The service does not fork: what valgrind starts as is what it stays.
        wrapper = log.with_suffix(".sh")
        wrapper.write_text("#!/bin/sh\nexec valgrind --tool=cachegrind --cache-sim=no "
                           f"--cachegrind-out-file=/dev/null --log-file={log} {binary}\n")
        wrapper.chmod(0o755)
        super().__init__(wrapper, **variables)

    def ask(self, path, times):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        for _ in range(times):
            connection.request("GET", f"{path}/{ARTICLE}")
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{path}: {answer.status}")
        connection.close()


def instructions(binary, work, path, requests, variables):
    """Those of one request: what more requests make more."""
    def counted(times):
        log = work / "counted.log"
        with Counted(binary, log, **variables, TOKIO_WORKER_THREADS="1") as server:
            server.ask(path, times)
        return int(re.search(r"I *refs: *([\d,]+)", log.read_text())[1].replace(",", ""))

    few = 500
    return (counted(few + requests) - counted(few)) / requests


def cheapest(on, off, rounds):
    """CPU time a request of each route, with and without."""
    found = {name: {id(on): [], id(off): []} for name in ROUTES}
    for server in (on, off):
        server.cost(ROUTES["plain"], 1)
    for number in range(rounds):
        for name, path in ROUTES.items():
            pair = [on, off] if number % 2 else [off, on]
            for server in pair:
                found[name][id(server)].append(server.cost(path, 1))
    return {name: (min(costs[id(on)]), min(costs[id(off)])) for name, costs in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="seconds of load for each")
    parser.add_argument("--requests", type=int, default=3000, help="that are counted")
    options = parser.parse_args()
    for tool in ("wrk", "valgrind"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is missing: apt-get install {tool}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        binary = build(work)
        quiet = work / "quiet.yaml"
        quiet.write_text("ratelimit:\n  default: { track_latency: false }\n")
        with_it = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector(),
                   "FAILSAFE_CONFIG": str(work / "none.yaml")}
        without = {"OTEL_SDK_DISABLED": "true", "FAILSAFE_CONFIG": str(quiet)}
        rows = []
        for name, path in ROUTES.items():
            pair = [instructions(binary, work, path, options.requests, variables)
                    for variables in (dict(with_it, OTEL_METRIC_EXPORT_INTERVAL="3600000"), without)]
            rows.append((name, "instructions", *pair))
        with Server(binary, OTEL_METRIC_EXPORT_INTERVAL="1000", **with_it) as on, \
             Server(binary, **without) as off:
            times = cheapest(on, off, options.rounds)
        rows += [(name, "nanoseconds", *pair) for name, pair in times.items()]
    if not Collector.pushes:
        raise SystemExit("no metrics came: the comparison means nothing")
    for name, what, with_it, without in rows:
        print(f"{name:8} {what:12} on {with_it:8.0f}  off {without:8.0f}  "
              f"ratio {with_it / without:.3f}  limit {LIMIT}")
    sys.exit(any(with_it / without > LIMIT for _, _, with_it, without in rows))


if __name__ == "__main__":
    main()
