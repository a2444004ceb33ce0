"""tests/replicas/run tells what this is: replicas.py BINARY FOLDER STATE."""

import asyncio
import contextlib
import logging
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from parties import ROOT, Tenant, calls, tokens

BINARY, FOLDER, STATE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
LIMIT = 6000
MODERN, LEGACY = 6, 3
KILLED, REPLACED, RESTARTED, OVER = 5, 9, 14, 24


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def printed():
    """The configuration that the page prints."""
    page = (ROOT / "docs/deploying.md").read_text()
    [block] = re.findall(r"```nginx\n(.*?)```", page, re.S)
    return block


def changed(text, pattern, with_what, times):
    text, found = re.subn(pattern, with_what, text)
    if found != times:
        sys.exit(f"docs/deploying.md: `{pattern}` is there {found} times, not {times}")
    return text


class Proxy:
    """nginx, as a user of its own would start it."""

    def __init__(self, servers):
        self.port = free_port()
        there = iter(servers * 2)
        block = changed(printed(), r"10\.0\.0\.\d:8080", lambda _: next(there), len(servers) * 2)
        block = changed(block, r"listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl", 1)
        block = changed(block, r"/etc/ssl/(chain|key)\.pem", rf"{FOLDER}/\1.pem", 2)
        block = changed(block, r"mcp\.example\.com", "localhost", 1)
        (FOLDER / "nginx.conf").write_text(
            f"daemon off; pid {FOLDER}/nginx.pid; error_log {FOLDER}/nginx.log; events {{}}\n"
            f"http {{ log_format by '$status $upstream_addr'; access_log {FOLDER}/access.log by;\n"
            + "".join(f"{kind}_temp_path {FOLDER}/{kind};\n" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
            + block + "}\n"
        )
        self.process = subprocess.Popen(["nginx", "-c", FOLDER / "nginx.conf", "-e", FOLDER / "nginx.log"])

    def reached(self):
        """Which server has answered how often."""
        lines = (FOLDER / "access.log").read_text().splitlines()
        return Counter(line.rsplit(" ", 1)[1] for line in lines)


class Replica:
    def __init__(self, variables, url):
        self.port, self.variables, self.url = free_port(), variables, url

    async def start(self):
        command = [BINARY, "serve", "--http", f"127.0.0.1:{self.port}", "--public-url", self.url]
        self.process = subprocess.Popen(command, env=self.variables, stderr=(FOLDER / "servers.log").open("a"))
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            await asyncio.sleep(0.05)
        sys.exit((FOLDER / "servers.log").read_text())

    async def end(self, how):
        self.process.send_signal(how)
        return await asyncio.to_thread(self.process.wait, 20)


class Failed(Exception):
    """An answer that is an error, or none."""


@contextlib.asynccontextmanager
async def connected(url, mode, address):
    """A client, from an address of its own: nginx tells the callers of sessions apart by it."""
    trusted = ssl.create_default_context(cafile=FOLDER / "chain.pem")
    transport = httpx2.AsyncHTTPTransport(verify=trusted, local_address=address)
    async with httpx2.AsyncClient(transport=transport, timeout=30.0) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            yield client


async def called(client, tool, arguments):
    try:
        result = await asyncio.wait_for(client.call_tool(tool, arguments), 30)
    except Exception as error:  # of the transport, in many forms
        raise Failed(repr(error)) from error
    if result.is_error:
        raise Failed(result.content[0].text)
    return result


class Load:
    def __init__(self, url):
        self.url, self.began, self.account = url, time.monotonic(), ""
        self.good, self.repeated, self.failed, self.created, self.lost = 0, [], [], [], []

    def elapsed(self):
        return time.monotonic() - self.began

    async def open_account(self):
        async with connected(self.url, "auto", "127.0.0.1") as client:
            made = await called(client, "create_customer_trust_account", {"name": "kept", "emailDomain": "example.com"})
            self.account = made.structured_content["id"]

    async def harmless(self, client, mark):
        """What a client may repeat: a read, and now and then a change that is the same a second time."""
        if mark.endswith("5"):
            await called(client, "update_customer_trust_account", {"accountId": self.account, "name": mark})
            return
        await called(client, "list_controls", {"frameworkMatchesAny": ["soc2", mark], "pageSize": 5})

    async def modern(self, index):
        """Calls that are repeated once where they fail; from the restart on, each third adds something and is not repeated."""
        number = 0
        async with connected(self.url, "auto", "127.0.0.1") as client:
            while self.elapsed() < OVER:
                mark, number = f"modern-{index}-{number}", number + 1
                if number % 3 == 0 and self.elapsed() > REPLACED:
                    try:
                        await called(client, "create_customer_trust_account", {"name": mark, "emailDomain": "example.com"})
                        self.created.append(mark)
                    except Failed as failed:
                        self.lost.append(f"{mark} at {self.elapsed():.1f} s: {failed}")
                else:
                    await self.insist(mark, lambda: self.harmless(client, mark))
                await asyncio.sleep(0.05)

    async def legacy(self, index):
        """The same in a session; where it ends with its server, the client begins another and repeats the call."""
        number = 0
        address = f"127.0.1.{index + 1}"
        again = None
        while self.elapsed() < OVER:
            try:
                async with connected(self.url, "legacy", address) as client:
                    while self.elapsed() < OVER:
                        mark = f"legacy-{index}-{number}"
                        try:
                            await self.harmless(client, mark)
                        except Failed as failed:
                            if again == mark:
                                self.failed.append(f"{mark}: {failed}")
                                number += 1
                            again = mark
                            self.repeated.append(f"{self.elapsed():.1f} s: {mark}: {failed}")
                            break
                        self.good += 1
                        number += 1
                        await asyncio.sleep(0.05)
            except Exception as error:  # a client that ends while its server is gone may say so in many forms
                if not isinstance(error, (Failed, httpx2.HTTPError, ExceptionGroup)):
                    raise

    async def insist(self, mark, call):
        try:
            await call()
        except Failed as failed:
            self.repeated.append(f"{self.elapsed():.1f} s: {mark}: {failed}")
            try:
                await call()
            except Failed as failed:
                self.failed.append(f"{mark}: {failed}")
                return
        self.good += 1


async def one_budget(url):
    """What is left of the minute as each of nine calls in a row is told, by whichever server."""
    async with connected(url, "auto", "127.0.0.1") as client:
        left = []
        for number in range(9):
            tool, arguments = "list_controls", {"frameworkMatchesAny": ["soc2", f"quiet-{number}"], "pageSize": 5}
            left.append((await called(client, tool, arguments)).meta["vanta-mcp/budget"]["left"]["manage"])
        return left


async def main():
    tenant = Tenant("--limits", "off")
    tenant.tell("slow 150")
    variables = {"HOME": str(FOLDER), "VANTA_MCP_STATE": STATE, "VANTA_MCP_ACCESS": "write"}
    variables |= {"VANTA_MCP_TOOLSETS": "all", "VANTA_MCP_LIMITS": f"manage={LIMIT},token=5"} | tenant.variables
    replicas = [Replica(variables, "https://localhost/mcp") for _ in range(3)]
    proxy = Proxy([f"127.0.0.1:{replica.port}" for replica in replicas])
    problems = []
    try:
        await asyncio.gather(*(replica.start() for replica in replicas))
        url = f"https://localhost:{proxy.port}/mcp"
        load = Load(url)
        await load.open_account()

        async def trouble():
            await asyncio.sleep(KILLED)
            await replicas[1].end(signal.SIGKILL)
            await asyncio.sleep(REPLACED - KILLED)
            await replicas[1].start()
            await asyncio.sleep(RESTARTED - REPLACED)
            code = await replicas[2].end(signal.SIGTERM)
            if code:
                problems.append(f"SIGTERM ended a server with {code}")
            await replicas[2].start()

        clients = [load.modern(index) for index in range(MODERN)] + [load.legacy(index) for index in range(LEGACY)]
        await asyncio.gather(trouble(), *clients)
        # Until nginx tries those again that were gone.
        await asyncio.sleep(10)
        before = proxy.reached()
        left = await one_budget(url)
        within = load.elapsed() < 60
        reached = proxy.reached() - before
        asked = len(tokens(tenant.log()))
        tenant.tell("revoke")
        await one_budget(url)
        log = tenant.log()
    finally:
        for replica in replicas:
            replica.process.kill()
        proxy.process.terminate()
        proxy.process.wait()
        tenant.end()

    done = Counter(entry["body"]["name"] for entry in calls(log) if entry["method"] == "POST")
    done.pop("kept")
    not_once = [mark for mark in {*load.created, *done} if done[mark] != 1]
    print(f"replicas: {load.good} harmless calls and {len(load.created)} changes in {OVER} s; {MODERN} clients of 2026-07-28, {LEGACY} of 2025-11-25")
    print(f"  one killed at {KILLED} s, one restarted at about {RESTARTED} s: {len(load.repeated)} calls failed and were repeated")
    for line in load.repeated[:6]:
        print(f"    {line[:150]}")
    print(f"  changes during the restart: {len(load.lost)} failed, {len(not_once)} not done exactly once")
    print(f"  one budget: left after each of nine calls {left}, by {len(reached)} servers")
    print(f"  tokens asked for: {asked}, and {len(tokens(log)) - asked} more after it was revoked")
    problems += [f"a repeated call failed: {line}" for line in load.failed] + [f"a change failed: {line}" for line in load.lost]
    problems += [f"{mark} was done {done[mark]} times" for mark in not_once]
    if (asked, len(tokens(log))) != (1, 2):
        problems.append(f"{asked} tokens were asked for, and {len(tokens(log)) - asked} after one was revoked")
    steps = [this - following for this, following in zip(left, left[1:])]
    # Once the first of the load are a minute old, their turns come back; those of others are never counted.
    if max(steps) > 1 or (within and min(steps) < 1):
        problems.append(f"the servers do not share a budget: {left}")
    if len(reached) != len(replicas):
        problems.append(f"nginx reached {dict(reached)}")
    for problem in problems[:20]:
        print(f"FAILED: {problem}")
    sys.exit(1 if problems else 0)


logging.disable()
asyncio.run(main())
