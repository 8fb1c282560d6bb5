#!/usr/bin/env python3
"""What a generated service costs beside one that is written by hand.

    benches/cost/measure.py [--rounds N] [--seconds S] [--skip-build-cost]

Prints, as ratios of generated to handwritten within this run:
  * CPU time per request of a plain GET route, and of one with four patterns and /metrics against
    a handwritten route that sends the same headers: wrk loads each in turn on loopback, the
    median of the rounds counts, and so that no order is favoured, every round turns it around;
  * CPU seconds of a cold debug build of the inventory service, telemetry NONE;
and the number of packages in the generated service's tree. Exits with 1 when a limit is passed.

Needs wrk (Debian's package of that name) and cargo.
"""

import argparse
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ARTICLE = "00000000-0000-0000-0000-000000000001"
LIMITS = {"plain": 1.20, "guarded": 1.25, "build": 2.0, "packages": 90, "packages-default": 150}


def run(*command, cwd=ROOT, env=None):
    subprocess.run([str(part) for part in command], cwd=cwd, env=env, check=True,
                   stdout=subprocess.DEVNULL)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A started service, stopped at the end of the `with`."""

    def __init__(self, binary, **variables):
        self.port = free_port()
        env = dict(os.environ, HOST="127.0.0.1", PORT=str(self.port), **variables)
        self.process = subprocess.Popen([str(binary)], env=env, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the service did not start")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)

    def cpu_ns(self):
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}/{ARTICLE}"

    def cost(self, path, seconds):
        """CPU nanoseconds a request under load."""
        before = self.cpu_ns()
        report = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", self.url(path)],
                                check=True, capture_output=True, text=True).stdout
        spent = self.cpu_ns() - before
        if "Non-2xx" in report:
            raise SystemExit(f"{path}: not every answer was a success\n{report}")
        return spent / int(re.search(r"(\d+) requests in", report)[1])


def check_answers(generated, handwritten):
    """Both must send the same JSON, or the comparison means nothing."""
    for path in ("/inventories", "/guarded"):
        bodies = [urllib.request.urlopen(server.url(path)).read()
                  for server in (generated, handwritten)]
        if sorted(bodies[0]) != sorted(bodies[1]):
            raise SystemExit(f"{path}: the answers differ\n{bodies[0]}\n{bodies[1]}")
    headers = urllib.request.urlopen(generated.url("/guarded")).headers
    for name in ("ratelimit-limit", "ratelimit-remaining", "x-backpressure", "x-client-id"):
        if name not in headers:
            raise SystemExit(f"the guarded route does not send {name}")


def request_costs(failsafe, work, rounds, seconds):
    service = work / "cost"
    run(failsafe, "generate", HERE / "service.yaml", "-o", service, "--telemetry", "PROMETHEUS",
        "--runtime", f"path:{ROOT / 'runtime'}", "--no-dockerfile", "--no-controlplane")
    shutil.copy(HERE / "handlers.rs", service / "src/handlers/inventories.rs")
    env = dict(os.environ, CARGO_TARGET_DIR=str(work / "target-release"))
    env["CARGO_PROFILE_RELEASE_LTO"] = "thin"
    env["CARGO_PROFILE_RELEASE_CODEGEN_UNITS"] = "1"
    run("cargo", "build", "-q", "--release", cwd=service, env=env)
    run("cargo", "build", "-q", "--release", cwd=HERE / "handwritten", env=env)
    binaries = work / "target-release/release"
    routes = {"plain": "/inventories", "guarded": "/guarded"}
    ratios = {name: [] for name in routes}
    with Server(binaries / "service") as generated, Server(binaries / "handwritten") as handwritten:
        check_answers(generated, handwritten)
        for server in (generated, handwritten):
            server.cost("/inventories", 1)
        for number in range(rounds):
            for name, path in routes.items():
                pair = [generated, handwritten]
                if number % 2:
                    pair.reverse()
                costs = {id(server): server.cost(path, seconds) for server in pair}
                ours, theirs = costs[id(generated)], costs[id(handwritten)]
                ratios[name].append(ours / theirs)
                print(f"  round {number + 1} {name:8} generated {ours / 1000:6.2f} us, "
                      f"handwritten {theirs / 1000:6.2f} us, ratio {ours / theirs:.3f}", flush=True)
    return {name: statistics.median(values) for name, values in ratios.items()}


def cold_build_cpu(project, target):
    run("cargo", "fetch", "-q", cwd=project)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run("cargo", "build", "-q", cwd=project, env=dict(os.environ, CARGO_TARGET_DIR=str(target)))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(target)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def packages(project):
    tree = subprocess.run(["cargo", "tree", "-e", "normal", "--prefix", "none", "--no-dedupe"],
                          cwd=project, check=True, capture_output=True, text=True).stdout
    return len(set(tree.splitlines()))


def build_costs(failsafe, work):
    lean, default = work / "lean", work / "default"
    inventory = ROOT / "specs/inventory.yaml"
    run(failsafe, "generate", inventory, "-o", lean, "--telemetry", "NONE", "--no-controlplane")
    run(failsafe, "generate", inventory, "-o", default)
    generated = cold_build_cpu(lean, work / "target-cold")
    handwritten = cold_build_cpu(HERE / "handwritten", work / "target-cold")
    print(f"  cold debug build: generated {generated:.1f} s, handwritten {handwritten:.1f} s of CPU")
    return {"build": generated / handwritten, "packages": packages(lean),
            "packages-default": packages(default)}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2, help="of load, each time")
    parser.add_argument("--skip-build-cost", action="store_true")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing: apt-get install wrk")
    run("cargo", "build", "-q", "--release", "--package", "failsafe-generator")
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    failsafe = target / "release/failsafe"
    with tempfile.TemporaryDirectory() as folder:
        figures = request_costs(failsafe, Path(folder), options.rounds, options.seconds)
        if not options.skip_build_cost:
            figures |= build_costs(failsafe, Path(folder))
    missed = False
    for name, figure in figures.items():
        missed |= figure > LIMITS[name]
        print(f"{name:17} {figure:7.3f}   limit {LIMITS[name]}")
    sys.exit(missed)


if __name__ == "__main__":
    main()
