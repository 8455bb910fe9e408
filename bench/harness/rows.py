"""The rows of the performance budget. Each function measures one and returns its lines of the table."""
import contextlib
import dataclasses
import os
import secrets
import signal
import statistics
import time

from .issuer import Issuer
from .processes import Failure, descendants, descriptor_limit, is_alive
from .targets import post_json

MIB = 1 << 20


@dataclasses.dataclass
class Plan:
    """How long and how much; --quick makes all of it smaller."""
    rounds: int = 5
    warmup: float = 1.0
    duration: float = 4.0
    connections: int = 32
    many_adapters: int = 10_000
    many_sessions: int = 100_000
    idle_streams: int = 10_000
    big_streams: int = 32
    stored_adapters: int = 1_000
    starts: int = 7
    federated_sessions: int = 10_000

    @staticmethod
    def quick():
        return Plan(rounds=2, warmup=0.3, duration=1.0, many_adapters=1_000, many_sessions=10_000, idle_streams=2_000,
                    big_streams=16, starts=3, federated_sessions=1_000)

    def timing(self):
        return {"warmup": self.warmup, "duration": self.duration}


@dataclasses.dataclass
class Line:
    """One line of the table: a figure per target, and what the gateway's should be."""
    row: int
    what: str
    unit: str
    figures: dict  # Target -> list of one figure per round.
    goal: str = ""
    # The gateway's figure divided by this target's is compared with the goal; None: the figure itself is.
    against: str | None = None
    at_least: float | None = None
    at_most: float | None = None

    def median(self, target):
        values = self.figures.get(target)
        return statistics.median(values) if values else None

    def ratio(self, other):
        mine, theirs = self.median("gateway"), self.median(other)
        return mine / theirs if mine is not None and theirs else None

    def met(self):
        """True, False, or None when there is nothing to compare."""
        value = self.ratio(self.against) if self.against else self.median("gateway")
        if value is None or (self.at_least is None and self.at_most is None):
            return None
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


class Session:
    """One run of the benchmark: what to measure, with what, and what went wrong on the way."""

    def __init__(self, bench, targets, plan, say):
        self.bench, self.plan, self.say = bench, plan, say
        self.targets = targets
        self.reports = []  # Every report of the load generator, as it came.
        self.notes = []

    @property
    def gateway(self):
        return next((t for t in self.targets if t.name == "gateway"), None)

    def note(self, text):
        self.notes.append(text)
        self.say(f"  note: {text}")

    def load(self, row, round_number, label, workload, running, **options):
        report = self.bench.load(workload, running, **options)
        self.reports.append({"row": row, "round": round_number, "target": label, **report})
        problems = {key: report[key] for key in ("failed", "reconnects", "unanswered", "lost", "not_stalled") if report.get(key)}
        if problems:
            self.note(f"row {row}, {label}: {problems}")
        return report

    @contextlib.contextmanager
    def all_running(self, row):
        """Every target in front of one upstream; one that fails to start is left out, with a note."""
        with contextlib.ExitStack() as stack:
            upstream = stack.enter_context(self.bench.upstream())
            running = []
            for target in self.targets:
                try:
                    running.append(stack.enter_context(target.start(self.bench, upstream)))
                except Failure as failure:
                    self.note(f"row {row}: {failure}")
            yield running

    def alternate(self, row, running, measure):
        """measure(round, target) for each target in turn, round by round; one that fails is left out from then on."""
        reports = {target.name: [] for target in running}
        for round_number in range(self.plan.rounds):
            for target in list(running):
                try:
                    reports[target.name].append(measure(round_number, target))
                except Failure as failure:
                    self.note(f"row {row}: {failure}")
                    running.remove(target)
        return {name: values for name, values in reports.items() if values}


def figures_of(reports, *path):
    def figure(report):
        for key in path:
            report = report[key]
        return report
    return {name: [figure(report) for report in values] for name, values in reports.items()}


def _proxy_share(reports):
    return {name: [r["cpu_seconds"] / r["seconds"] for r in values] for name, values in reports.items()}


def user_share(reports, units):
    """Microseconds in user mode for each unit of work."""
    return {name: [r["cpu_user_seconds"] / r[units] * 1e6 for r in values] for name, values in reports.items()}


def pass_through(session):
    plan = session.plan
    with session.all_running(1) as running:
        session.say(f"row 1: POST, closed loop, {plan.connections} connections")
        full = session.alternate(1, running, lambda n, target: session.load(
            1, n, target.name, "post", target, connections=plan.connections, **plan.timing()))
        if not full:
            return []
        rates = {name: statistics.median(r["requests_per_second"] for r in reports) for name, reports in full.items()}
        rate = round(min(rates.values()) / 2)
        session.say(f"row 1: POST, open loop, {rate} requests/s")
        half = session.alternate(1, running, lambda n, target: session.load(
            1, n, target.name, "post", target, connections=2 * plan.connections, rate=rate, **plan.timing()))
    return [
        Line(1, "POST, full load", "requests/CPU s", figures_of(full, "requests_per_cpu_second"), "≥ 1.15 × nginx",
             "nginx", at_least=1.15),
        Line(1, "  rate reached", "requests/s", figures_of(full, "requests_per_second")),
        Line(1, "  of it in user mode", "µs/request", user_share(full, "requests")),
        Line(1, "  share of its core used", "of 1", _proxy_share(full)),
        Line(1, f"POST, {rate} requests/s", "requests/CPU s", figures_of(half, "requests_per_cpu_second")),
        Line(1, "  latency p50", "µs", figures_of(half, "latency_us", "p50")),
        Line(1, "  latency p99", "µs", figures_of(half, "latency_us", "p99"), "≤ nginx", "nginx", at_most=1.0),
        Line(1, "  latency p99.9", "µs", figures_of(half, "latency_us", "p99.9")),
    ]


def many_sessions(session):
    plan = session.plan
    if session.gateway is None:
        return []
    # The upstream needs a descriptor for each address and another for each connection.
    addresses = min(plan.many_adapters, descriptor_limit() // 4)
    variants = {
        "one of each": (1, 1, 0),
        "one upstream": (plan.many_adapters, plan.many_sessions, 0),
        f"{addresses} upstreams": (plan.many_adapters, plan.many_sessions, addresses),
    }
    session.say(f"row 2: {plan.many_adapters} adapters, {plan.many_sessions} sessions")
    figures = {name: [] for name in variants}
    for round_number in range(max(1, plan.rounds // 2)):
        for name, (adapters, sessions, listening) in variants.items():
            with session.bench.upstream(listening) as upstream, \
                    session.gateway.start(session.bench, upstream, adapters) as running:
                report = session.load(2, round_number, name, "sessions", running, connections=plan.connections,
                                      adapters=adapters, sessions=sessions, **plan.timing())
                figures[name].append(report["requests_per_cpu_second"])
    one = statistics.median(figures["one of each"])
    lines = [Line(2, "POST, one adapter and session", "requests/CPU s", {"gateway": figures["one of each"]})]
    for name in list(variants)[1:]:
        lines += [
            Line(2, f"{plan.many_adapters} × {plan.many_sessions}, {name}", "requests/CPU s", {"gateway": figures[name]}),
            Line(2, "  ratio to one of each", "×", {"gateway": [value / one for value in figures[name]]}, "≥ 0.9",
                 at_least=0.9),
        ]
    return lines


def event_relay(session):
    plan = session.plan
    paced = {"streams": 100, "events_per_second": 200}
    burst = {"streams": 16, "events_per_second": 0, "batch": 8}
    with session.all_running(3) as running:
        session.say("row 3: events of 1 KiB, paced")
        slow = session.alternate(3, running, lambda n, target: session.load(
            3, n, target.name, "sse", target, streaming=True, **paced, **plan.timing()))
        session.say("row 3: events of 1 KiB, as fast as they go")
        fast = session.alternate(3, running, lambda n, target: session.load(
            3, n, target.name, "sse", target, streaming=True, **burst, **plan.timing()))
    return [
        Line(3, "SSE 1 KiB, 100 streams × 200/s", "events/CPU s", figures_of(slow, "events_per_cpu_second"), "≥ nginx",
             "nginx", at_least=1.0),
        Line(3, "  events relayed", "events/s", figures_of(slow, "events_per_second")),
        Line(3, "  latency p50", "µs", figures_of(slow, "latency_us", "p50")),
        Line(3, "  latency p99", "µs", figures_of(slow, "latency_us", "p99")),
        Line(3, "SSE 1 KiB, 16 streams, saturated", "events/CPU s", figures_of(fast, "events_per_cpu_second"), "≥ nginx",
             "nginx", at_least=1.0),
        Line(3, "  events relayed", "events/s", figures_of(fast, "events_per_second")),
    ]


def _memory(session, row, workload, **options):
    """Bytes per stream of each target, in a process of its own: memory that was used before hides growth."""
    figures = {}
    for target in session.targets:
        try:
            with session.bench.upstream() as upstream, target.start(session.bench, upstream) as running:
                report = session.load(row, 0, target.name, workload, running, streaming=True, **options)
                figures[target.name] = [report["bytes_per_stream"] / 1024]
        except Failure as failure:
            session.note(f"row {row}: {failure}")
    return figures


def idle_streams(session):
    # A proxy needs two descriptors for a stream.
    streams = min(session.plan.idle_streams, descriptor_limit() // 2 - 100)
    if streams < session.plan.idle_streams:
        session.note(f"row 4: {streams} streams instead of {session.plan.idle_streams}: the limit of open files is low")
    session.say(f"row 4: {streams} idle streams")
    figures = _memory(session, 4, "idle-sse", streams=streams, connections=200, warmup=1, duration=1)
    return [Line(4, f"idle SSE stream, of {streams}", "KiB", figures, "≤ 12 KiB", at_most=12)]


def big_results(session):
    streams = session.plan.big_streams
    session.say(f"row 5: {streams} results of 8 MiB to slow readers")
    figures = _memory(session, 5, "big", streams=streams, connections=streams, read_rate=4 * MIB)
    return [Line(5, f"8 MiB result, slow reader, of {streams}", "KiB", figures, "≤ 256 KiB", at_most=256)]


def start_time(session):
    plan = session.plan
    if session.gateway is None:
        return []
    session.say(f"row 6: start with {plan.stored_adapters} stored adapters")
    bench, gateway = session.bench, session.gateway
    with bench.upstream() as upstream:
        directory = bench.new_directory("stored")
        with gateway.start_with(bench, [], directory) as running:
            for number in range(plan.stored_adapters):
                post_json(running, "/adapters", {"name": f"stored-{number}", "url": upstream.url(),
                                                  "federated": False})
        figures = {0: [], plan.stored_adapters: []}
        for _ in range(plan.starts):
            for count in figures:
                begin = time.monotonic()
                where = directory if count else None
                with gateway.start_with(bench, [], where):
                    figures[count].append((time.monotonic() - begin) * 1000)
    return [
        Line(6, "start to listening, empty", "ms", {"gateway": figures[0]}),
        Line(6, f"  with {plan.stored_adapters} stored adapters", "ms", {"gateway": figures[plan.stored_adapters]},
             "≤ 100 ms", at_most=100),
    ]


def sigkill(session):
    if session.gateway is None:
        return []
    sessions = 4
    session.say(f"row 7: SIGKILL with {sessions} stubborn stdio servers")
    bench = session.bench
    server = {"name": "a0", "command": str(bench.upstream_binary), "args": ["--stubborn-stdio"]}
    figures = []
    initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}}
    for _ in range(session.plan.starts):
        with session.gateway.start_with(bench, [server]) as running:
            for _ in range(sessions):
                post_json(running, "/adapters/a0/mcp", initialize)
            children = descendants(running.pid)
            if len(children) < 2 * sessions:
                raise Failure(f"row 7: only {len(children)} descendants of the gateway for {sessions} stdio sessions")
            begin = time.monotonic()
            running.process.kill()
            while (left := [c for c in children if is_alive(c)]) and time.monotonic() < begin + 5:
                time.sleep(0.0005)
            figures.append((time.monotonic() - begin) * 1000)
            if left:
                session.note(f"row 7: {len(left)} of {len(children)} processes were alive 5 s after SIGKILL")
                _kill_leftovers(left)
    return [Line(7, f"SIGKILL to {len(children)} processes gone", "ms", {"gateway": figures}, "≤ 1000 ms", at_most=1000)]


def _kill_leftovers(processes):
    for process in processes:
        if is_alive(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process[0], signal.SIGKILL)


ORIGIN = "http://gateway.bench"
WITHOUT_AUTH = "without auth"


def _access_variants(issuer):
    """Name -> (settings of the gateway, options of the load, the least ratio to what is without authentication)."""
    key = f"mcpg_bench_{secrets.token_urlsafe(32)}"
    with_token = {"header": f"Authorization: Bearer {issuer.token(ORIGIN)}"}
    tokens = {"publicOrigin": ORIGIN, "auth": {"issuers": [{"issuer": issuer.url}]}}
    keys = {"auth": {"keys": [{"name": "bench", "key": key, "roles": ["mcp.engineer"]}]}}
    no_writing = {"name": "no-writing", "effect": "deny", "when": {"tools": ["write_*", "delete_*"]}}
    return {
        WITHOUT_AUTH: ({}, {}, None),
        "cached RS256 token": (tokens, with_token, 0.95),
        "API key": (keys, {"header": f"Authorization: Bearer {key}"}, 0.95),
        "token, policy about tools": ({**tokens, "policy": {"rules": [no_writing]}}, with_token, None),
        "token, audit to a file": ({**tokens, "audit": {"output": "file"}}, with_token, None),
    }


def _authenticated_posts(session):
    """A line for each variant of the gateway. All run in front of one upstream and take turns."""
    plan = session.plan
    with contextlib.ExitStack() as stack:
        issuer = stack.enter_context(Issuer(session.bench.new_directory("issuer")))
        upstream = stack.enter_context(session.bench.upstream())
        variants = _access_variants(issuer)
        server = {"name": "a0", "url": upstream.url(), "requiredRoles": ["mcp.engineer"]}
        running = []
        for name, (settings, _, _) in variants.items():
            try:
                running.append(stack.enter_context(
                    session.gateway.start_with(session.bench, [server], settings=settings, name=name)))
            except Failure as failure:
                session.note(f"row 8: {name}: {failure}")
        reports = session.alternate(8, running, lambda n, variant: session.load(
            8, n, variant.name, "post", variant, connections=plan.connections, **variants[variant.name][1],
            **plan.timing()))
    figures = figures_of(reports, "requests_per_cpu_second")
    without = figures.get(WITHOUT_AUTH, [])
    lines = []
    for name, values in figures.items():
        lines.append(Line(8, f"POST, {name}", "requests/CPU s", {"gateway": values}))
        if name != WITHOUT_AUTH:
            # Round by round: what else the machine did then met both alike.
            ratios = [value / base for value, base in zip(values, without)]
            least = variants[name][2]
            lines.append(Line(8, "  ratio to without auth", "×", {"gateway": ratios}, f"≥ {least}" if least else "",
                              at_least=least))
    return lines


def _authentication_alone(session):
    """What bench_auth measures. Its five figures take as long as one measured interval."""
    reports = []
    for round_number in range(session.plan.rounds):
        report = session.bench.authentication(session.plan.duration / 5)
        session.reports.append({"row": 8, "round": round_number, "target": "bench_auth", **report})
        reports.append(report)
    def line(what, unit, *path):
        return Line(8, what, unit, figures_of({"gateway": reports}, *path))
    return [
        line("RS256 token, not cached", "µs", "verify_us", "RS256"),
        line("PS256 token, not cached", "µs", "verify_us", "PS256"),
        line("ES256 token, not cached", "µs", "verify_us", "ES256"),
        line("RS256 token, cached", "ns", "remembered_token_ns"),
        line("API key", "ns", "api_key_ns"),
    ]


def authentication(session):
    if session.gateway is None:
        return []
    session.say(f"row 8: POST with and without authentication, closed loop, {session.plan.connections} connections")
    lines = _authenticated_posts(session)
    session.say("row 8: authentication alone")
    return lines + _authentication_alone(session)


ROWS = {1: pass_through, 2: many_sessions, 3: event_relay, 4: idle_streams, 5: big_results, 6: start_time, 7: sigkill,
        8: authentication}
