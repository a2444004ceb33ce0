"""FastMCP's client: fastmcp_client.py legacy|modern stdio BINARY | http URL TOKEN."""

import asyncio
import sys
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

from steps import Answer, refused, steps

GENERATION, KIND, WHERE, *REST = sys.argv[1:]


def client(token: str) -> Client:
    if KIND == "stdio":
        transport: Any = StdioTransport(WHERE, ["serve", "--demo", "--access", "destroy"])
    else:
        transport = StreamableHttpTransport(WHERE, auth=token)
    return Client(transport, mode="2026-07-28" if GENERATION == "modern" else "legacy")


async def main() -> None:
    token = REST[0] if REST else ""
    async with client(token) as connected:
        listed = await connected.list_tools()
        tools = [(tool.name, getattr(tool, "input_schema", None) or tool.inputSchema) for tool in listed]

        async def call(name: str, arguments: dict[str, Any]) -> Answer:
            result = await connected.call_tool(name, arguments, raise_on_error=False)
            return Answer(bool(result.is_error), result.content[0].text, result.structured_content)

        await steps(tools, call)

    async def attempt() -> None:
        async with client("vmcp_wrong") as unwelcome:
            await unwelcome.list_tools()

    if KIND != "stdio":
        await refused(attempt)


asyncio.run(main())
