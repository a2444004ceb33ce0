"""What every Python client is taken through, whichever it is."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2


class Answer:
    """A tool's answer, whatever the client calls its parts."""

    def __init__(self, is_error: bool, text: str, structured: Any) -> None:
        self.is_error, self.text, self.structured = is_error, text, structured

    def value(self) -> Any:
        """Its structured content, which its text repeats."""
        assert not self.is_error, self.text
        assert json.loads(self.text) == self.structured
        return self.structured


async def steps(
    tools: list[tuple[str, dict[str, Any]]],
    call: Callable[[str, dict[str, Any]], Awaitable[Answer]],
) -> None:
    """Takes a client through it: `tools` are names and input schemas, `call` calls one."""
    names = [name for name, _ in tools]
    for name in ["list_controls", "find_tools", "run_read_tool", "run_write_tool"]:
        assert name in names, f"{name} is not listed"
    for name, schema in tools:
        assert schema["type"] == "object", name

    greatest = (await call("top_risks", {"n": 3})).value()
    assert len(greatest["top"]["rows"]) == 3

    hidden = "list_trust_center_faqs"
    assert hidden not in names, f"{hidden} is listed, so that finding it shows nothing"
    query = "questions about the trust center that visitors ask often"
    found = (await call("find_tools", {"query": query})).value()
    assert any(tool["name"] == hidden for tool in found["items"]), found
    run = {"tool": hidden, "arguments": {"slugId": "quillmere"}}
    assert (await call("run_read_tool", run)).value()["count"] > 0

    async def there() -> bool:
        found = (await call("find_panel_account", {"account": "baker"})).value()
        return found["matches"] == 1

    preview = (await call("terminate_panel_account", {"user": "baker"})).value()
    assert preview["changed"] is False
    assert preview["targets"] == ["baker"]
    assert await there(), "a preview changes nothing"
    wrong = await call("terminate_panel_account", {"user": "baker", "confirm": "yes"})
    assert wrong.is_error and "nothing was changed" in wrong.text, wrong.text
    assert await there(), "a wrong confirmation changes nothing"
    confirmed = {"user": "baker", "confirm": "baker", "confirmation": preview["confirmation"]}
    assert (await call("terminate_panel_account", confirmed)).value()["terminated"] is True
    assert (await call("terminate_panel_account", confirmed)).is_error, "a confirmation is good for one call"
    assert not await there(), "what was confirmed is done"


class Watched:
    """Makes HTTP clients, and remembers the status of every answer that they get."""

    def __init__(self) -> None:
        self.statuses: set[int] = set()

    def __call__(self, **options: Any) -> httpx2.AsyncClient:
        async def remember(response: httpx2.Response) -> None:
            self.statuses.add(response.status_code)

        return httpx2.AsyncClient(**{"timeout": 30.0, **options}, event_hooks={"response": [remember]})


async def refused(attempt: Callable[[Watched], Awaitable[Any]]) -> None:
    """An attempt with a wrong token has to fail, and by 401.

    Clients tell of the status each in their own way or not at all, so that it is taken from the answers themselves.
    """
    watched = Watched()
    try:
        await attempt(watched)
    except Exception:  # groups of errors among them
        assert watched.statuses == {401}, watched.statuses
        return
    raise AssertionError("a wrong token was let in")
