"""What is compared: the gateway, nginx and HAProxy, each in front of the benchmark's own MCP server."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.error
import urllib.request

from .processes import LOAD_CORE, PROXY_CORE, Failure, Process, descriptor_limit, free_port, pinned

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"


class Bench:
    """The built instruments and a directory for what the run leaves behind."""

    def __init__(self, build, directory):
        self.build = pathlib.Path(build).resolve()
        self.directory = pathlib.Path(directory)
        self.load_binary = self.build / "bench/bench_load"
        self.upstream_binary = self.build / "bench/bench_upstream"
        self.auth_binary = self.build / "bench/bench_auth"
        self.gateway_binary = self.build / "src/app/mcp-gateway"
        self._directories = 0
        for binary in (self.load_binary, self.upstream_binary, self.auth_binary):
            if not binary.exists():
                raise Failure(f"{binary} is missing: build it with `./dev build release`")

    def new_directory(self, name):
        self._directories += 1
        path = self.directory / f"{self._directories:03}-{name}"
        path.mkdir(parents=True)
        return path

    def upstream(self, addresses=0, tools=20):
        return Upstream(self, addresses, tools)

    def load(self, workload, running, *, streaming=False, timeout=600, **options):
        """Runs the load generator once and returns its report; options are its command-line options."""
        command = [self.load_binary, workload, "--target", running.address(streaming), "--pid", running.pid]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), value]
        command = pinned(LOAD_CORE, command)
        result = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        if result.returncode != 0:
            raise Failure(f"{running.name}: {result.stderr.strip().splitlines()[-1]} (log: {running.process.log})")
        return json.loads(result.stdout)

    def authentication(self, duration):
        """Runs bench_auth once where the proxies run and returns its report."""
        command = pinned(PROXY_CORE, [self.auth_binary, "--duration", duration])
        result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if result.returncode != 0:
            raise Failure(f"bench_auth ended with status {result.returncode}: {result.stderr.strip()}")
        return json.loads(result.stdout)


class Upstream:
    def __init__(self, bench, addresses, tools):
        command = [bench.upstream_binary, "--tools", tools]
        if addresses:
            command += ["--addresses", addresses]
        self.process = Process("bench_upstream", LOAD_CORE, command, bench.new_directory("upstream") / "log")
        self.port = int(self.process.wait_for_line("listening on").rpartition(":")[2])
        self.addresses = addresses

    def url(self, adapter=0, path="mcp"):
        number = adapter % self.addresses if self.addresses else 0
        host = f"127.1.{number // 256}.{number % 256}" if self.addresses else "127.0.0.1"
        return f"http://{host}:{self.port}/{path}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()


class Running:
    """A started target."""

    def __init__(self, name, process, port, streaming_port=None):
        self.name, self.process, self.pid = name, process, process.pid
        self._port, self._streaming_port = port, streaming_port or port

    def address(self, streaming=False):
        return f"127.0.0.1:{self._streaming_port if streaming else self._port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()


class Peer:
    def __init__(self, name, program, template, package, command):
        self.name, self.package = name, package
        self._program = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        self._template, self._command = PEERS / template, command

    def missing(self):
        return None if self._program else f"{self.name} is not installed: apt-get install {self.package}"

    def start(self, bench, upstream):
        directory = bench.new_directory(self.name)
        port, streaming_port = free_port(), free_port()
        values = {
            "DIR": directory,
            "PORT": port,
            "STREAMING_PORT": streaming_port,
            "UPSTREAM": f"127.0.0.1:{upstream.port}",
            "USER": "user root;" if os.geteuid() == 0 else "",
            "DESCRIPTORS": descriptor_limit(),
            "CONNECTIONS": descriptor_limit() // 2 - 64,  # Those to clients.
            "SLOTS": descriptor_limit() * 5 // 4,
        }
        text = re.sub(r"@(\w+)@", lambda match: str(values[match[1]]), self._template.read_text())
        config = directory / self._template.stem
        config.write_text(text)
        command = [self._program, *(part.format(config=config, directory=directory) for part in self._command)]
        process = Process(self.name, PROXY_CORE, command, directory / "log")
        process.wait_for_port(port)
        return Running(self.name, process, port, streaming_port)


class Gateway:
    name = "gateway"

    def __init__(self, bench):
        self._binary = bench.gateway_binary

    def missing(self):
        return None if self._binary.exists() else f"{self._binary} is missing: build it with `./dev build release`"

    def start(self, bench, upstream, adapters=1):
        return self.start_with(bench, [{"name": f"a{n}", "url": upstream.url(n)} for n in range(adapters)])

    def start_with(self, bench, servers, directory=None, settings=None, name=None, federated=False):
        """`servers` as in the configuration file, and so are the further `settings`; `directory` holds the state of an
        earlier start; `name` is for reports. Servers are passed through only, unless `federated`."""
        directory = directory or bench.new_directory(self.name)
        config = directory / "mcp-gateway.yaml"
        # JSON is YAML.
        lines = [f"  - {json.dumps({**server, 'federated': federated})}" for server in servers]
        further = [f"{key}: {json.dumps(value)}" for key, value in (settings or {}).items()]
        config.write_text("\n".join(["workers: 1", *further, "servers:" if lines else "servers: []", *lines, ""]))
        command = [self._binary, "serve", "--config", config, "--listen", "127.0.0.1:0",
                   "--state-dir", directory / "state"]
        process = Process(self.name, PROXY_CORE, command, directory / "log")
        line = process.wait_for_line("mcp-gateway listening on http://", timeout=120)
        return Running(name or self.name, process, int(re.search(r"http://[\d.]+:(\d+)", line)[1]))


def all_targets(bench):
    return [
        Gateway(bench),
        Peer("nginx", "nginx", "nginx.conf.in", "nginx-light", ["-p", "{directory}", "-c", "{config}"]),
        Peer("haproxy", "haproxy", "haproxy.cfg.in", "haproxy", ["-db", "-f", "{config}"]),
    ]


def post_json(running, path, body):
    """Returns (status, headers) of a POST; raises Failure for what is not a success."""
    request = urllib.request.Request(f"http://{running.address()}{path}", data=json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json",
                                              "Accept": "application/json, text/event-stream"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        raise Failure(f"POST {path} was answered with {error.code}: {error.read(300).decode(errors='replace')}") from error
