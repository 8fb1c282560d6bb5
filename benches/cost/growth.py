#!/usr/bin/env python3
"""How the cost of `failsafe generate` grows with a document.

    benches/cost/growth.py [--rounds N]

Makes documents of four shapes, each twice as large as the one before, and prints what they cost:
  * operations: each with parameters, a body and an answer of its own, and a shared answer
  * apart: the same, and no two schemas are equal, so that nothing is shared
  * chain: schemas of which each refers to the next, up to 20,000 of them
  * ring: the same, and the last refers to the first

CPU is user and system time, the least of the rounds; a ratio of 2 is growth in line with the
document's size. Exits with 1 where the last doubling costs more than LIMIT times as much.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
LIMIT = 2.6
# Where trees are removed and made anew a disk's file system costs more than the generator.
MEMORY = pathlib.Path("/dev/shm")
SIZES = {
    "operations": [500, 1000, 2000, 4000],
    "apart": [500, 1000, 2000, 4000],
    "chain": [2500, 5000, 10000, 20000],
    "ring": [2500, 5000, 10000, 20000],
}


def order(number, is_apart):
    """A schema with others inside; the places of the lines differ where they shall."""
    limit = 100 + number if is_apart else 100
    line = {
        "type": "object",
        "required": ["article"],
        "properties": {
            "article": {"type": "string", "maxLength": limit, "description": "What is ordered."},
            "quantity": {"type": "integer", "minimum": 1},
            "state": {"type": "string", "enum": ["open", "packed", "sent", f"state {limit}"]},
        },
    }
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid", "readOnly": True},
            "lines": {"type": "array", "maxItems": 50, "items": line},
            "note": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"text": {"type": "string"}}}]},
        },
    }


def with_operations(count, is_apart):
    problem = {"type": "object", "properties": {"title": {"type": "string"}, "status": {"type": "integer"}}}
    paths = {}
    for number in range(count):
        own = lambda: {"application/json": {"schema": order(number, is_apart)}}
        paths[f"/shop{number % 40}/orders{number}/{{id}}"] = {
            "put": {
                "operationId": f"putOrder{number}",
                "tags": [f"shop {number % 40}"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}},
                ],
                "requestBody": {"content": own()},
                "responses": {
                    "200": {"description": "The order.", "content": own()},
                    "default": {
                        "description": "What went wrong.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    },
                },
            }
        }
    return paths, {"Problem": problem}


def with_references(count, is_ring):
    schemas = {}
    for number in range(count):
        properties = {"value": {"type": "integer"}}
        if is_ring or number + 1 < count:
            properties["next"] = {"$ref": f"#/components/schemas/Link{(number + 1) % count}"}
        schemas[f"Link{number}"] = {"type": "object", "properties": properties}
    first = {"application/json": {"schema": {"$ref": "#/components/schemas/Link0"}}}
    put = {
        "operationId": "putFirst",
        "requestBody": {"content": first},
        "responses": {"200": {"description": "The first.", "content": first}},
    }
    return {"/first": {"put": put}}, schemas


def document(shape, count):
    paths, schemas = {
        "operations": lambda: with_operations(count, False),
        "apart": lambda: with_operations(count, True),
        "chain": lambda: with_references(count, False),
        "ring": lambda: with_references(count, True),
    }[shape]()
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{shape} {count}", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def cost(failsafe, spec, tree):
    """CPU seconds and megabytes of one run into an empty place."""
    shutil.rmtree(tree, ignore_errors=True)
    words = [failsafe, "generate", spec, "--out", tree, "--runtime", f"path:{REPOSITORY / 'runtime'}"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: exit code {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--package", "failsafe-generator"], cwd=REPOSITORY, check=True
    )
    failsafe = TARGET / "release" / "failsafe"
    missed = False
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        spec, tree = pathlib.Path(folder, "document.json"), pathlib.Path(folder, "service")
        for shape, sizes in SIZES.items():
            before = None
            for count in sizes:
                spec.write_text(json.dumps(document(shape, count)))
                runs = [cost(failsafe, spec, tree) for _ in range(rounds)]
                seconds, memory = min(run[0] for run in runs), max(run[1] for run in runs)
                ratio = seconds / before if before else None
                told = f"ratio {ratio:4.2f}" if ratio else ""
                size = spec.stat().st_size / 1e6
                print(f"{shape:10} {count:6} {size:5.1f} MB {seconds:6.2f} s CPU {memory:5.0f} MB  {told}", flush=True)
                before = seconds
            missed |= ratio > LIMIT
    sys.exit(missed)


if __name__ == "__main__":
    main()
