#!/usr/bin/env python3
"""What a document costs: to generate, and to compile what was generated.

    benches/cost/document.py api.yaml ...
    benches/cost/document.py --guarded api.yaml     with a rate limit, breaker, retry and timeout on
                                                    every operation, built and not only checked

The generator is built for release. The dependencies of a service are compiled before, so that only
its own crate counts. `generate` is the best of seven runs into an empty place in memory, by the clock:
where trees are removed and made anew a disk's file system costs more than the generator. CPU is user
and system time of all processes, memory that of the largest one.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
WORK = TARGET / "cost-of-documents"
MEMORY = pathlib.Path("/dev/shm")
ROUNDS = 7
POLICIES = {"resiliency": {"ratelimit": {}, "circuitbreaker": {}, "retry": {}, "timeout": {}}}


def run(words, **options):
    """Runs a command: seconds, CPU seconds, megabytes."""
    started = time.monotonic()
    process = subprocess.Popen(words, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - started
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: exit code {process.returncode}")
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def cargo(words, folder):
    environment = dict(os.environ, CARGO_TARGET_DIR=str(WORK / "cargo"), CARGO_INCREMENTAL="0")
    return run(["cargo", *words, "--quiet"], cwd=folder, env=environment)


def guard(document):
    """The document with policies at its root, which every operation inherits."""
    text = document.read_text()
    copy = WORK / f"guarded-{document.name}"
    if document.suffix == ".json":
        whole = json.loads(text)
        whole["x-telstra"] = POLICIES
        copy.write_text(json.dumps(whole))
    else:
        copy.write_text(f"{text}\nx-telstra: {json.dumps(POLICIES)}\n")
    return copy


def measure(failsafe, document, guarded, folder):
    source = guard(document) if guarded else document
    words = [failsafe, "generate", source, "--package-name", "measured", "--telemetry", "NONE", "--skip-unsupported"]
    words += ["--runtime", f"path:{REPOSITORY / 'runtime'}"]
    runs = []
    for _ in range(ROUNDS):
        tree = pathlib.Path(tempfile.mkdtemp(dir=folder), "service")
        runs.append(run([*words, "--out", tree], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    took, cpu, memory = min(runs)
    print(f"{document.name}: generate {took:.2f} s, {cpu:.2f} s CPU, {memory:.0f} MB", flush=True)
    shutil.copy(REPOSITORY / "Cargo.lock", tree)
    command = "build" if guarded else "check"
    sources = {path: path.read_text() for path in (tree / "src").rglob("*.rs")}
    # The dependencies first: a crate with nothing in it needs the same ones.
    for path in sources:
        path.write_text("fn main() {}\n" if path.name == "main.rs" else "")
    cargo([command], tree)
    for path, text in sources.items():
        path.write_text(text)
    took, cpu, memory = cargo([command], tree)
    print(f"{document.name}: cargo {command} {took:.1f} s, {cpu:.1f} s CPU, {memory:.0f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--guarded", action="store_true")
    parser.add_argument("documents", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    run(["cargo", "build", "--quiet", "--release", "--package", "failsafe-generator"], cwd=REPOSITORY)
    for document in arguments.documents:
        with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
            measure(TARGET / "release" / "failsafe", document.resolve(), arguments.guarded, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
