"""The rows about /mcp: calls and lists of federated servers, and what a session costs in memory."""
import contextlib
import dataclasses
import statistics

from .processes import Failure
from .rows import Line, figures_of, user_share

TOOLS = 1_000  # Of a measured list.


@dataclasses.dataclass
class Variant:
    """A gateway in front of `servers` servers with `tools` tools each, and of one for each further path."""
    name: str
    servers: int
    tools: int
    paths: tuple = ()
    session_sharing: str = "principal"

    def options(self):
        """Of the load: how many tools there are, and that calls of the server that stalls hang all the while."""
        stalls = "stalling" in self.paths
        return {"path": "/mcp", "tools": self.tools * (self.servers + stalls),
                **({"stalling": "stalling_"} if stalls else {})}

    def declarations(self, upstream):
        # With a prefix, so that the name in a call is not the one that the server knows.
        places = {f"a{n}": upstream.url(n) for n in range(self.servers)}
        places.update({path: upstream.url(path=path) for path in self.paths})
        return [{"name": name, "url": url, "toolPrefix": f"{name}_", "sessionSharing": self.session_sharing}
                for name, url in places.items()]


FIFTY = Variant("50 servers", 50, 20)
HANGING = Variant("  two more that hang", 50, 20, ("mute", "stalling"))
VARIANTS = {variant.name: variant for variant in (
    Variant("1 server", 1, TOOLS), FIFTY, HANGING, Variant("500 servers", 500, 20))}


@contextlib.contextmanager
def _gateway(session, variant):
    """The gateway in front of the variant's servers, which have an address each."""
    with session.bench.upstream(addresses=variant.servers, tools=variant.tools) as upstream, \
            session.gateway.start_with(session.bench, variant.declarations(upstream), federated=True,
                                       name=variant.name) as running:
        yield running


@contextlib.contextmanager
def _all_gateways(session, row):
    with contextlib.ExitStack() as stack:
        running = []
        for variant in VARIANTS.values():
            try:
                running.append(stack.enter_context(_gateway(session, variant)))
            except Failure as failure:
                session.note(f"row {row}: {variant.name.strip()}: {failure}")
        yield running


def _ratios(values, others):
    """Round by round: what else the machine did then met both alike."""
    return {"gateway": [value / other for value, other in zip(values, others)]}


def _undisturbed(row, figures):
    """Servers that hang cost the others nothing."""
    if FIFTY.name not in figures or HANGING.name not in figures:
        return []
    return [Line(row, "    ratio to the same without them", "×", _ratios(figures[HANGING.name], figures[FIFTY.name]), "≥ 0.95",
                 at_least=0.95)]


def calls(session):
    if session.gateway is None:
        return []
    plan = session.plan
    session.say(f"row 9: tools/call on /mcp and passed through, closed loop, {plan.connections} connections")

    def both(round_number, target):
        variant = VARIANTS[target.name]
        common = {"connections": plan.connections, "sessions": max(variant.servers, plan.connections), **plan.timing()}
        return {"passed": session.load(9, round_number, f"{target.name}, passed through", "post", target,
                                       adapters=variant.servers, **common),
                "called": session.load(9, round_number, target.name, "federated-call", target, **variant.options(),
                                       **common)}

    with _all_gateways(session, 9) as running:
        reports = session.alternate(9, running, both)
    called = figures_of(reports, "called", "requests_per_cpu_second")
    passed = figures_of(reports, "passed", "requests_per_cpu_second")
    p99 = figures_of(reports, "called", "latency_us", "p99")
    in_user_mode = user_share({name: [r["called"] for r in values] for name, values in reports.items()}, "requests")
    lines = []
    for name, values in called.items():
        least = 0.6 if name == FIFTY.name else None
        lines += [
            Line(9, f"tools/call on /mcp, {name.strip()}", "requests/CPU s", {"gateway": values}),
            Line(9, "  the same, passed through", "requests/CPU s", {"gateway": passed[name]}),
            Line(9, "  ratio to passed through", "×", _ratios(values, passed[name]), f"≥ {least}" if least else "",
                 at_least=least),
            Line(9, "  of it in user mode", "µs/request", {"gateway": in_user_mode[name]}),
            Line(9, "  latency p99", "µs", {"gateway": p99[name]}),
        ]
    return lines + _undisturbed(9, called)


def lists(session):
    if session.gateway is None:
        return []
    plan = session.plan
    connections = 4
    with _all_gateways(session, 10) as running:
        session.say(f"row 10: tools/list of {TOOLS} tools, closed loop, {connections} connections")
        full = session.alternate(10, running, lambda n, target: session.load(
            10, n, target.name, "list", target, connections=connections, **VARIANTS[target.name].options(),
            **plan.timing()))
        if not full:
            return []
        slowest = min(statistics.median(r["requests_per_second"] for r in reports) for reports in full.values())
        rate = max(1, round(slowest / 2))
        session.say(f"row 10: the same, open loop, {rate} requests/s")
        half = session.alternate(10, running, lambda n, target: session.load(
            10, n, target.name, "list", target, connections=connections, rate=rate, **VARIANTS[target.name].options(),
            **plan.timing()))
    work = figures_of(full, "requests_per_cpu_second")
    in_user_mode = user_share(full, "requests")
    sizes = figures_of(full, "bytes_per_reply")
    lines = []
    for name in half:
        lines += [
            Line(10, f"tools/list of {TOOLS} tools, {name.strip()}", "requests/CPU s", {"gateway": work[name]}),
            Line(10, "  of it in user mode", "µs/request", {"gateway": in_user_mode[name]}),
            Line(10, "  size", "KiB", {"gateway": [size / 1024 for size in sizes[name]]}),
            Line(10, f"  {rate} requests/s: latency p50", "µs",
                 {"gateway": figures_of(half, "latency_us", "p50")[name]}, "≤ 1000 µs", at_most=1000),
            Line(10, "  latency p99", "µs", {"gateway": figures_of(half, "latency_us", "p99")[name]}),
        ]
    return lines + _undisturbed(10, work)


def session_memory(session):
    if session.gateway is None:
        return []
    sessions = session.plan.federated_sessions
    session.say(f"row 11: {sessions} sessions on /mcp")
    lines = []
    for what, sharing in (("", "principal"), (", each with one on a server", "client")):
        variant = dataclasses.replace(FIFTY, session_sharing=sharing)
        with _gateway(session, variant) as running:
            report = session.load(11, 0, sharing, "session-memory", running, sessions=sessions,
                                  connections=session.plan.connections, **variant.options())
        lines.append(Line(11, f"session on /mcp, of {sessions}{what}", "KiB",
                          {"gateway": [report["bytes_per_session"] / 1024]}))
    return lines


ROWS = {9: calls, 10: lists, 11: session_memory}
