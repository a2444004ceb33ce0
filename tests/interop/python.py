"""The official Python SDK: python.py legacy|modern stdio BINARY | http URL TOKEN | sse URL TOKEN."""

import asyncio
import sys
from typing import Any
from urllib.parse import urljoin

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from steps import Answer, refused, steps

GENERATION, KIND, WHERE, *REST = sys.argv[1:]


def server(token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    match KIND:
        case "stdio":
            return StdioServerParameters(command=WHERE, args=["serve", "--demo", "--access", "destroy"])
        case "http":
            return streamable_http_client(WHERE, http_client=httpx2.AsyncClient(headers=headers))
        case "sse":
            return sse_client(urljoin(WHERE, "/sse"), headers=headers)
    raise SystemExit(f"no transport {KIND}")


def client(token: str) -> Client:
    return Client(server(token), mode="2026-07-28" if GENERATION == "modern" else "legacy")


async def main() -> None:
    token = REST[0] if REST else ""
    async with client(token) as connected:
        tools = [(tool.name, tool.input_schema) for tool in (await connected.list_tools()).tools]

        async def call(name: str, arguments: dict[str, Any]) -> Answer:
            result = await connected.call_tool(name, arguments)
            return Answer(bool(result.is_error), result.content[0].text, result.structured_content)

        await steps(tools, call)

    async def attempt() -> None:
        async with client("vmcp_wrong") as unwelcome:
            await unwelcome.list_tools()

    if KIND != "stdio":
        await refused(attempt)


asyncio.run(main())
