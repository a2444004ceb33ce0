"""Who takes part where servers share an application: a demo tenant that outlives them, and servers over stdio.

For tests/sharing, tests/soak and tests/replicas. Nothing but the standard library.
"""

import asyncio
import json
import os
import pathlib
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def built_tenant():
    """The path of the demo tenant as a program, which is built where it is not up to date."""
    command = ["cargo", "build", "--locked", "--quiet", "-p", "vanta-demo", "--example", "tenant"]
    told = subprocess.run([*command, "--message-format=json"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    for line in told.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "tenant":
            return message["executable"]
    raise SystemExit("cargo does not say where the tenant is")


class Tenant:
    """A demo tenant of its own process. `options` are those of demo/examples/tenant.rs."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [built_tenant(), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.variables = json.loads(self.process.stdout.readline())
        # The moments of its log are counted from here, but for some milliseconds.
        self.began = time.monotonic()

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def log(self):
        return self.tell("log")

    def end(self):
        self.process.kill()
        self.process.wait()


def environment(tenant, state, **variables):
    """What a server gets to see, and nothing of this machine."""
    return {"HOME": str(state.parent), "VANTA_MCP_STATE": str(state)} | tenant.variables | variables


class Ended(Exception):
    """The server is gone."""


class Server:
    """A server over stdio, and the one client that it has. Calls may overlap."""

    @classmethod
    async def start(cls, binary, variables):
        self = cls()
        self.process = await asyncio.create_subprocess_exec(
            binary, "serve", env=variables, limit=1 << 24,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.waiting, self.last = {}, 0
        self.reading = asyncio.create_task(self.read())
        client = {"name": "tests", "version": "0"}
        await self.ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
        self.write({"method": "notifications/initialized"})
        return self

    def write(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message).encode() + b"\n")

    async def read(self):
        while line := await self.process.stdout.readline():
            message = json.loads(line)
            waiting = self.waiting.pop(message.get("id"), None)
            if waiting and not waiting.done():
                waiting.set_result(message)
        for waiting in self.waiting.values():
            if not waiting.done():
                waiting.set_exception(Ended())
        self.waiting = {}

    async def ask(self, method, **params):
        if self.process.returncode is not None or self.reading.done():
            raise Ended
        self.last += 1
        self.waiting[self.last] = answer = asyncio.get_running_loop().create_future()
        self.write({"id": self.last, "method": method, "params": params})
        message = await answer
        if "error" in message:
            raise RuntimeError(message["error"])
        return message["result"]

    async def call(self, tool, arguments):
        """The structured answer of a tool, and how long it took; what failed is an error."""
        began = time.monotonic()
        result = await self.ask("tools/call", name=tool, arguments=arguments)
        if result.get("isError"):
            raise RuntimeError(result["content"][0]["text"])
        return result["structuredContent"], time.monotonic() - began

    async def kill(self):
        """SIGKILL: nothing of it is tidied up."""
        try:
            self.process.kill()
        except ProcessLookupError:
            pass
        await self.process.wait()
        await self.reading

    async def end(self):
        """As a client leaves."""
        self.process.stdin.close()
        await asyncio.wait_for(self.process.wait(), 20)


def tokens(log):
    return [entry for entry in log if entry["path"] == "/oauth/token"]


def calls(log):
    return [entry for entry in log if entry["path"] != "/oauth/token"]


def refused(log):
    """What was too much for the tenant."""
    return [entry for entry in log if entry["status"] == 429 and not entry["fault"]]


def busiest_minute(log, span=60.0):
    """The most requests that came within a minute."""
    moments = sorted(entry["at"] for entry in log)
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def spread(durations):
    """Median, ninth decile and largest, in words."""
    ordered = sorted(durations)
    tenth = ordered[min(len(ordered) - 1, len(ordered) * 9 // 10)]
    return f"median {statistics.median(ordered):.2f} s, p90 {tenth:.2f} s, longest {ordered[-1]:.2f} s"


def descriptor_count(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid):
    """Resident memory, in bytes."""
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
