#!/usr/bin/env python3
"""Measures the gateway beside nginx and HAProxy and prints the figures, their ratios and the targets.

It never fails because a figure is bad. docs/benchmarks.md says what each row means and how to read it.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import platform
import sys
import tempfile
import time

from harness import federation, rows
from harness.processes import Failure
from harness.rows import Plan, Session
from harness.table import format_table
from harness.targets import Bench, all_targets

ROWS = {**rows.ROWS, **federation.ROWS}
ROOT = pathlib.Path(__file__).resolve().parent.parent


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes: fewer rounds, shorter, smaller counts")
    parser.add_argument("--rows", default=",".join(map(str, ROWS)), help="rows to measure, for example 1,3")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison")
    parser.add_argument("--duration", type=float, help="seconds of each measured interval")
    parser.add_argument("--targets", default="gateway,nginx,haproxy", help="what to compare")
    parser.add_argument("--build", default=ROOT / "build/release", help="build directory of the release preset")
    parser.add_argument("--output", type=pathlib.Path, help="write everything that was measured to this JSON file")
    arguments = parser.parse_args()
    try:
        arguments.rows = [int(row) for row in arguments.rows.split(",")]
        unknown = [row for row in arguments.rows if row not in ROWS]
    except ValueError:
        parser.error(f"--rows takes numbers separated by commas, not '{arguments.rows}'")
    if unknown:
        parser.error(f"there is no row {unknown[0]}: choose among {', '.join(map(str, ROWS))}")
    return arguments


def make_plan(arguments):
    plan = Plan.quick() if arguments.quick else Plan()
    given = {name: getattr(arguments, name) for name in ("rounds", "duration") if getattr(arguments, name)}
    return dataclasses.replace(plan, **given)


def machine():
    model = next((line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "load_average": os.getloadavg()[0],
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def choose_targets(bench, names, say):
    chosen = []
    for target in all_targets(bench):
        if target.name in names.split(","):
            problem = target.missing()
            if problem:
                say(f"note: {problem}; its column stays empty")
            else:
                chosen.append(target)
    return chosen


def measure(session, numbers):
    lines = []
    for row in numbers:
        try:
            lines += ROWS[row](session)
        except Failure as failure:
            session.note(str(failure))
    return lines


def write_output(path, session, lines, about):
    measured = [{**dataclasses.asdict(line), "met": line.met()} for line in lines]
    path.write_text(json.dumps({"machine": about, "plan": dataclasses.asdict(session.plan), "lines": measured,
                                "notes": session.notes, "reports": session.reports}, indent=1) + "\n")


def main():
    arguments = parse_arguments()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    about = machine()
    if about["cores"] < 2:
        say("note: one core only: proxy, load and upstream share it, and latencies mean little")
    if about["load_average"] > 0.5:
        say(f"note: the load average is {about['load_average']:.1f}: other work on this machine bends the figures")
    with tempfile.TemporaryDirectory(prefix="mcp-gateway-bench-") as directory:
        bench = Bench(arguments.build, directory)
        session = Session(bench, choose_targets(bench, arguments.targets, say), make_plan(arguments), say)
        lines = measure(session, arguments.rows)
    print(format_table(lines))
    if arguments.output:
        write_output(arguments.output, session, lines, about)
        say(f"all reports and histograms: {arguments.output}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure_of_setup:
        sys.exit(f"./dev bench: {failure_of_setup}")
    except KeyboardInterrupt:
        sys.exit(130)
