"""Processes of a benchmark: pinned to cores, with room for descriptors, ended for certain."""
import ctypes
import functools
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import time

PROXY_CORE = 0
LOAD_CORE = 1
DESCRIPTORS = 65536
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """A sentence for the user: what could not be measured and why."""


@functools.cache
def descriptor_limit():
    """Raises the limit of open files for this process and its children as far as it goes; returns it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for limit in (DESCRIPTORS, min(hard, DESCRIPTORS)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, max(limit, hard)))
            return limit
        except (ValueError, OSError):
            continue  # More than the hard limit takes a privilege.
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _prepare_child():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def pinned(core, command):
    if shutil.which("taskset") is None or core >= (os.cpu_count() or 1):
        return [str(part) for part in command]
    return ["taskset", "-c", str(core), *(str(part) for part in command)]


class Process:
    """A server in the background; its output goes to `log`."""

    def __init__(self, name, core, command, log):
        descriptor_limit()
        self.name = name
        self.log = pathlib.Path(log)
        with open(self.log, "wb") as output:
            self._popen = subprocess.Popen(pinned(core, command), stdin=subprocess.DEVNULL, stdout=output,
                                           stderr=subprocess.STDOUT, preexec_fn=_prepare_child)
        self.pid = self._popen.pid  # taskset execs: the process is the server itself.

    def wait_for_line(self, mark, timeout=30):
        """The first line of output that holds `mark`."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for line in self.log.read_text(errors="replace").splitlines():
                if mark in line:
                    return line
            if self._popen.poll() is not None:
                raise Failure(f"{self.name} ended with status {self._popen.returncode}: {self.last_words()}")
            time.sleep(0.002)
        raise Failure(f"{self.name} did not print '{mark}' within {timeout} s: {self.last_words()}")

    def wait_for_port(self, port, timeout=10):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self._popen.poll() is not None:
                raise Failure(f"{self.name} ended with status {self._popen.returncode}: {self.last_words()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.01)
        raise Failure(f"{self.name} did not listen on port {port} within {timeout} s: {self.last_words()}")

    def last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it printed nothing"

    def kill(self):
        self._popen.kill()
        self._popen.wait()

    def stop(self, timeout=10):
        if self._popen.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _stat_fields(pid):
    """Fields of proc(5) stat from the third on; None when there is no such process."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def descendants(root):
    """(pid, start time) of every process below `root`."""
    parents = {}
    for entry in os.listdir("/proc"):
        fields = _stat_fields(entry) if entry.isdigit() else None
        if fields:
            parents.setdefault(int(fields[1]), []).append((int(entry), fields[19]))
    found, queue = [], [root]
    while queue:
        for child in parents.get(queue.pop(), []):
            found.append(child)
            queue.append(child[0])
    return found


def is_alive(process):
    pid, started = process
    fields = _stat_fields(pid)
    return fields is not None and fields[19] == started and fields[0] not in "ZX"
