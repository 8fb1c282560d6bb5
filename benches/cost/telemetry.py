#!/usr/bin/env python3
"""What telemetry costs the requests of a generated service.

    benches/cost/telemetry.py [--rounds N] [--seconds S]

The service of service.yaml is generated with all defaults, built once and started twice:
  * on: metrics are pushed every second to a collector that takes everything, rate limits track
    latencies, and the service logs at its default level;
  * off: OTEL_SDK_DISABLED=true, and an operator's file that switches latency tracking off.
Prints the CPU time per request of a plain GET route and of one with four patterns, as ratios of on
to off within this run: wrk loads each in turn on loopback, the median of the rounds counts, and
every round turns the order around. Exits with 1 when a ratio is above 1.05.

CARGO_TARGET_DIR is where the service is built. Needs wrk (Debian's package of that name) and cargo.
"""

import argparse
import http.server
import os
import shutil
import statistics
import sys
import tempfile
import threading
from pathlib import Path

from measure import HERE, ROOT, Server, run

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


def ratios(on, off, rounds, seconds):
    found = {name: [] for name in ROUTES}
    for server in (on, off):
        server.cost(ROUTES["plain"], 1)
    for number in range(rounds):
        for name, path in ROUTES.items():
            pair = [on, off]
            if number % 2:
                pair.reverse()
            costs = {id(server): server.cost(path, seconds) for server in pair}
            with_it, without = costs[id(on)], costs[id(off)]
            found[name].append(with_it / without)
            print(f"  round {number + 1} {name:8} on {with_it / 1000:6.2f} us, "
                  f"off {without / 1000:6.2f} us, ratio {with_it / without:.3f}", flush=True)
    return {name: statistics.median(values) for name, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2, help="of load, each time")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        binary = build(work)
        quiet = work / "quiet.yaml"
        quiet.write_text("ratelimit:\n  default: { track_latency: false }\n")
        with Server(binary, OTEL_EXPORTER_OTLP_ENDPOINT=collector(),
                    OTEL_METRIC_EXPORT_INTERVAL="1000",
                    FAILSAFE_CONFIG=str(work / "none.yaml")) as on, \
             Server(binary, OTEL_SDK_DISABLED="true", FAILSAFE_CONFIG=str(quiet)) as off:
            figures = ratios(on, off, options.rounds, options.seconds)
    if not Collector.pushes:
        raise SystemExit("no metrics came: the comparison means nothing")
    for name, figure in figures.items():
        print(f"{name:8} {figure:7.3f}   limit {LIMIT}")
    sys.exit(max(figures.values()) > LIMIT)


if __name__ == "__main__":
    main()
