"""FastMCP's client: fastmcp_client.py VERSION stdio BINARY | http URL TOKEN | sse URL TOKEN."""

import asyncio
import sys
from typing import Any
from urllib.parse import urljoin

from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

from steps import Answer, Watched, refused, steps

VERSION, KIND, WHERE, *REST = sys.argv[1:]


def client(token: str, http: Watched) -> Client:
    transport: Any
    match KIND:
        case "stdio":
            transport = StdioTransport(WHERE, ["serve", "--demo", "--access", "destroy"])
        case "http":
            transport = StreamableHttpTransport(WHERE, auth=token, httpx_client_factory=http)
        case "sse":
            transport = SSETransport(urljoin(WHERE, "/sse"), auth=token, httpx_client_factory=http)
        case _:
            raise SystemExit(f"no transport {KIND}")
    # Naming the later version would take it for granted; "auto" asks the server with server/discover.
    return Client(transport, mode="auto" if VERSION == "2026-07-28" else "legacy")


async def main() -> None:
    async with client(REST[0] if REST else "", Watched()) as connected:
        assert connected.protocol_version == VERSION, connected.protocol_version
        tools = [(tool.name, tool.input_schema) for tool in await connected.list_tools()]

        async def call(name: str, arguments: dict[str, Any]) -> Answer:
            result = await connected.call_tool(name, arguments, raise_on_error=False)
            return Answer(bool(result.is_error), result.content[0].text, result.structured_content)

        await steps(tools, call)

    async def attempt(http: Watched) -> None:
        async with client("vmcp_wrong", http) as unwelcome:
            await unwelcome.list_tools()

    if KIND != "stdio":
        await refused(attempt)


asyncio.run(main())
