"""tests/soak/run tells what this is."""

import argparse
import asyncio
import contextlib
import http.client
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections import Counter, defaultdict

from judge import MOST_ATTEMPTS, grown, growth, leaking, wrong_with
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from parties import Tenant, busiest_minute, calls, descriptor_count, environment, refused, resident, tokens

LIMIT = 3000
WORKERS = 6
PERCENT = 5
REVOKED_EVERY = 20
ID = re.compile(r"soak-\d+-\d+-\d+")


def variables(tenant, folder):
    return environment(
        tenant, folder / "state.db", VANTA_MCP_ACCESS="write", VANTA_MCP_TOOLSETS="all",
        VANTA_MCP_LIMITS=f"manage={LIMIT},token=5",
    )


class Watched:
    """A server, and what it takes up."""

    def __init__(self, name, pid):
        self.name, self.pid, self.memory, self.descriptors = name, pid, [], []

    def sample(self):
        self.memory.append(resident(self.pid))
        self.descriptors.append(descriptor_count(self.pid))


@contextlib.asynccontextmanager
async def over_stdio(binary, tenant, folder, index):
    # The SDK starts the server, and does not tell which process it is.
    note = folder / f"pid{index}"
    script = f'echo $$ >"{note}"; exec "{binary}" serve 2>"{folder}/log{index}"'
    server = StdioServerParameters(command="/bin/sh", args=["-c", script], env=variables(tenant, folder))
    async with Client(server, mode="legacy" if index % 2 else "auto") as client:
        yield client, Watched(f"stdio {index}", int(note.read_text())), None


@contextlib.asynccontextmanager
async def over_http(binary, tenant, folder, index):
    log = folder / f"log{index}"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [binary, "serve", "--http", "127.0.0.1:0"], env=variables(tenant, folder), stderr=stderr
        )
    try:
        while not (url := re.search(r"http://[\d.:]+/mcp", log.read_text())):
            await asyncio.sleep(0.05)
        async with Client(streamable_http_client(url[0]), mode="legacy" if index % 2 else "auto") as client:
            yield client, Watched(f"HTTP {index}", process.pid), url[0]
        process.terminate()
        if code := process.wait(15):
            raise SystemExit(f"SIGTERM ended a server with {code}")
    finally:
        process.kill()


class Soak:
    def __init__(self, tenant, seed, seconds):
        self.tenant, self.seed, self.seconds, self.account = tenant, seed, seconds, ""
        self.made, self.revoked, self.token_faults = [], 0, 0

    def elapsed(self):
        """Seconds since the tenant started, as its log counts them."""
        return time.monotonic() - self.tenant.began

    def choice(self, chance, mark):
        """A tool, its arguments, and whether it is repeated. The tenant sees the mark in each of its requests."""
        match chance.randrange(10):
            case 0:
                return "create_customer_trust_account", {"name": mark, "emailDomain": "example.com"}, False
            case 1:
                return "update_customer_trust_account", {"accountId": self.account, "name": mark}, True
            case 2 | 3:
                return "list_customer_trust_accounts", {"searchString": mark}, True
            case 4 | 5:
                return "list_risk_scenarios", {"searchString": mark}, True
            case _:
                return "list_controls", {"frameworkMatchesAny": ["soc2", mark], "pageSize": 50}, True

    async def call(self, client, chance, mark):
        tool, arguments, repeatable = self.choice(chance, mark)
        began = self.elapsed()
        try:
            result = await client.call_tool(tool, arguments)
            good, text = not result.is_error, result.content[0].text
        except Exception as error:  # of the transport, which no fault upstream may cause
            good, text = False, f"the client says {error!r}"
        self.made.append(
            {"mark": mark, "tool": tool, "good": good, "text": "" if good else text, "repeatable": repeatable,
             "began": began, "ended": self.elapsed()}
        )
        return result if good else None

    async def work(self, client, process, worker):
        chance = random.Random(f"{self.seed}-{process}-{worker}")
        number = 0
        while self.elapsed() < self.seconds:
            await self.call(client, chance, f"soak-{process}-{worker}-{number}")
            number += 1
            await asyncio.sleep(chance.uniform(0.3, 0.8))

    async def open_account(self, client):
        """One that can be changed time and again; made anew where a fault hits."""
        for number in range(50):
            made = await client.call_tool(
                "create_customer_trust_account", {"name": f"kept {number}", "emailDomain": "example.com"}
            )
            if not made.is_error:
                self.account = made.structured_content["id"]
                return
        raise SystemExit("no account could be made")

    async def trouble(self):
        """Somebody else takes the token now and then; twice the next one is refused at first."""
        while self.elapsed() + REVOKED_EVERY < self.seconds:
            await asyncio.sleep(REVOKED_EVERY)
            if self.revoked in (2, 5):
                self.tenant.tell("token-fault")
                self.token_faults += 1
            self.tenant.tell("revoke")
            self.revoked += 1

    async def watch(self, servers):
        while self.elapsed() < self.seconds:
            for server in servers:
                server.sample()
            await asyncio.sleep(1)


async def leak(urls, seconds):
    """A session with an open stream each second, which is left there."""
    left = []

    def one(url):
        place = urllib.parse.urlsplit(url)
        headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "leak", "version": "0"}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
        connection = http.client.HTTPConnection(place.netloc)
        connection.request("POST", place.path, json.dumps(message), headers)
        answer = connection.getresponse()
        session = {"Mcp-Session-Id": answer.headers["Mcp-Session-Id"], "Mcp-Protocol-Version": "2025-11-25"}
        connection.close()
        stream = http.client.HTTPConnection(place.netloc)
        stream.request("GET", place.path, headers={"Accept": "text/event-stream"} | session)
        left.append(stream)

    for _ in range(seconds - 2):
        await asyncio.sleep(1)
        for url in filter(None, urls):
            await asyncio.to_thread(one, url)


async def soak(options, tenant, folder):
    async with contextlib.AsyncExitStack() as stack:
        parts = [over_stdio, over_stdio, over_http, over_http]
        started = [
            await stack.enter_async_context(part(options.binary, tenant, folder, index))
            for index, part in enumerate(parts)
        ]
        run = Soak(tenant, options.seed, options.seconds)
        servers = [server for _, server, _ in started]
        await run.open_account(started[0][0])
        tasks = [
            run.work(client, process, worker)
            for process, (client, _, _) in enumerate(started)
            for worker in range(WORKERS)
        ]
        tasks += [run.trouble(), run.watch(servers)]
        if options.leak:
            tasks.append(leak([url for _, _, url in started], options.seconds))
        await asyncio.gather(*tasks)
        return run, servers, tenant.log()


def by_mark(log):
    attempts = defaultdict(list)
    for entry in calls(log):
        if mark := ID.search(json.dumps([entry["query"], entry["body"]])):
            attempts[mark[0]].append(entry)
    return attempts


def unexplained(run, attempts, log):
    failed_tokens = [entry["at"] for entry in tokens(log) if entry["fault"]]
    for call in run.made:
        wrong = wrong_with(call, attempts[call["mark"]], failed_tokens)
        if wrong:
            yield f"{call['tool']} {call['mark']}: {wrong}: {call['text'][:200]}"


def report(options, run, servers, log):
    """The figures, and what is wrong."""
    problems = []
    attempts = by_mark(log)
    problems += unexplained(run, attempts, log)
    failed = [call for call in run.made if not call["good"]]
    faults = Counter(re.split(r"[ {(]", entry["fault"])[0] for entry in calls(log) if entry["fault"])
    repeated = sum(len(attempts[call["mark"]]) > 1 for call in run.made)
    due = 1 + run.revoked + run.token_faults
    if len(tokens(log)) != due:
        problems.append(f"{len(tokens(log))} tokens were asked for, not {due}")
    if refused(log):
        problems.append(f"{len(refused(log))} requests were refused as too many")
    minute = busiest_minute(calls(log))
    if minute > LIMIT:
        problems.append(f"{minute} requests in a minute, not {LIMIT}")
    print(f"soak: {options.seconds} s, seed {options.seed}, 4 processes, {len(run.made)} calls, {len(calls(log))} requests")
    print(f"faults: {sum(faults.values())}: {', '.join(f'{count} {kind}' for kind, count in faults.most_common())}")
    print(f"calls sent more than once: {repeated}; failed: {len(failed)}, by tool {dict(Counter(c['tool'] for c in failed))}")
    print(f"tokens: {len(tokens(log))} = 1 + {run.revoked} revoked + {run.token_faults} faults; most requests a minute: {minute}")
    first = min(60, options.seconds // 3)
    for server in servers:
        memory, descriptors = server.memory[first:], server.descriptors[first:]
        problems += grown(server.name, memory, descriptors)
        print(
            f"{server.name}: {server.memory[first] / 2**20:.1f} MiB after {first} s, {growth(memory) / 1024:+.0f} KiB to the end, "
            f"largest {max(memory) / 2**20:.1f}; open files {descriptors[0]}, {growth(descriptors):+.0f}, most {max(descriptors)}"
        )
        # A judge who sees nothing would be content with everything.
        pace = len(run.made) / options.seconds / len(servers)
        if options.seconds >= 120 and len(grown(server.name, *leaking(memory, descriptors, pace))) < 2:
            problems.append(f"{server.name}: a leak would not be seen")
    blind = next((call for call in failed if any(one["fault"] for one in attempts[call["mark"]])), None)
    if not blind:
        problems.append("no call failed by a fault of its own, so that nothing was judged")
    elif not wrong_with(blind, [one | {"fault": None} for one in attempts[blind["mark"]]], []):
        problems.append("a failure without a cause would not be seen")
    return problems


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("seconds", type=int, nargs="?", default=180)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--leak", action="store_true")
    options = parser.parse_args()
    print(f"soak: seed {options.seed}", flush=True)
    tenant = Tenant("--limits", "off", "--faults", f"{options.seed}:{PERCENT}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            run, servers, log = await soak(options, tenant, pathlib.Path(folder))
    finally:
        tenant.end()
    problems = report(options, run, servers, log)
    for problem in problems[:20]:
        print(f"FAILED: {problem}")
    if problems:
        sys.exit(f"{len(problems)} things are wrong; the same again: --seed {options.seed}")
    print(f"every failed call has a cause in the tenant's log, and nothing grew (reads: at most {MOST_ATTEMPTS} attempts)")


asyncio.run(main())
