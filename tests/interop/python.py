"""The official Python SDK: python.py VERSION stdio BINARY | http URL TOKEN | sse URL TOKEN."""

import asyncio
import sys
from typing import Any
from urllib.parse import urljoin

from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from steps import Answer, Watched, refused, steps

VERSION, KIND, WHERE, *REST = sys.argv[1:]


def client(token: str, http: Watched) -> Client:
    headers = {"Authorization": f"Bearer {token}"}
    server: Any
    match KIND:
        case "stdio":
            server = StdioServerParameters(command=WHERE, args=["serve", "--demo", "--access", "destroy"])
        case "http":
            server = streamable_http_client(WHERE, http_client=http(headers=headers))
        case "sse":
            server = sse_client(urljoin(WHERE, "/sse"), headers=headers, httpx_client_factory=http)
        case _:
            raise SystemExit(f"no transport {KIND}")
    # Naming the later version would take it for granted; "auto" asks the server with server/discover.
    return Client(server, mode="auto" if VERSION == "2026-07-28" else "legacy")


async def main() -> None:
    async with client(REST[0] if REST else "", Watched()) as connected:
        assert connected.protocol_version == VERSION, connected.protocol_version
        tools = [(tool.name, tool.input_schema) for tool in (await connected.list_tools()).tools]

        async def call(name: str, arguments: dict[str, Any]) -> Answer:
            result = await connected.call_tool(name, arguments)
            return Answer(bool(result.is_error), result.content[0].text, result.structured_content)

        await steps(tools, call)

    async def attempt(http: Watched) -> None:
        async with client("vmcp_wrong", http) as unwelcome:
            await unwelcome.list_tools()

    if KIND != "stdio":
        await refused(attempt)


asyncio.run(main())
