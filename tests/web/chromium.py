"""A Chromium without a window, driven over its own protocol (Chrome DevTools, on a WebSocket).

    async with browser(directory) as chromium:
        page = await chromium.open(path)
        await page.choose("#proof-file", picture)
        assert await page.text("#result h2") == "Proven"

No driver and no library beside aiohttp. Waiting is for events and conditions in the page, never for
a length of time.
"""

import asyncio
import json
import os
import shutil
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE_S = 60.0
"""A loaded machine may take long to start a browser; nothing waits this long that goes well."""


def installed() -> str | None:
    """The browser's program, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One tab. Requests that it makes to anywhere are noted in `requests`."""

    def __init__(self, protocol: "Protocol", session: str) -> None:
        self._protocol = protocol
        self._session = session
        self.requests: list[str] = []
        self.errors: list[str] = []

    async def send(self, method: str, **parameters: Any) -> Any:
        return await self._protocol.send(method, self._session, **parameters)

    def hear(self, method: str, parameters: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.errors.append(parameters["entry"]["text"])

    async def run(self, script: str) -> Any:
        """The value of an expression, awaited if it is a promise."""
        found = await self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait until an expression holds; the page is asked at each frame it draws."""
        await self.run(
            f"new Promise((done) => {{ const look = () => ({condition}) ? done(true)"
            " : setTimeout(look, 20); look(); })"
        )

    async def text(self, selector: str) -> str:
        found = await self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")
        return str(found)

    async def fill(self, selector: str, text: str) -> None:
        """Into a field, as if typed."""
        await self.run(
            f"(() => {{ const field = document.querySelector({json.dumps(selector)});"
            f" field.value = {json.dumps(text)}; field.dispatchEvent(new Event('input')); }})()"
        )

    async def click(self, selector: str) -> None:
        await self.run(f"document.querySelector({json.dumps(selector)}).click()")

    async def choose(self, selector: str, *paths: Path) -> None:
        """Files for a file field, as a person chooses them."""
        document = await self.send("DOM.getDocument")
        node = await self.send(
            "DOM.querySelector", nodeId=document["root"]["nodeId"], selector=selector
        )
        await self.send(
            "DOM.setFileInputFiles", nodeId=node["nodeId"], files=[str(each) for each in paths]
        )

    async def picture(self, scale: float = 1.0, width: int = 900) -> bytes:
        """A PNG of the whole page."""
        size = await self.run("[document.documentElement.scrollHeight]")
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=size[0],
            deviceScaleFactor=scale,
            mobile=False,
        )
        shot = await self.send("Page.captureScreenshot", captureBeyondViewport=True)
        return b64decode(shot["data"])


class Protocol:
    """Commands to the browser, answers and events from it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._pages: dict[str, Page] = {}
        self._last = 0

    async def listen(self) -> None:
        async for message in self._socket:
            found = json.loads(message.data)
            if "id" in found:
                answer = self._answers.pop(found["id"])
                if "error" in found:
                    answer.set_exception(RuntimeError(str(found["error"])))
                else:
                    answer.set_result(found["result"])
            elif found.get("sessionId") in self._pages:
                self._pages[found["sessionId"]].hear(found["method"], found["params"])

    async def send(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        self._last += 1
        answer = self._answers[self._last] = asyncio.get_running_loop().create_future()
        command = {"id": self._last, "method": method, "params": parameters}
        await self._socket.send_json(command | ({"sessionId": session} if session else {}))
        async with asyncio.timeout(PATIENCE_S):
            return await answer

    async def open(self, path: Path, before: str = "", features: Sequence[str] = ()) -> Page:
        """A tab with a file of this disk, loaded. before: a script that runs before its own."""
        target = await self.send("Target.createTarget", url="about:blank")
        attached = await self.send(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"])
        for domain in ("Page", "DOM", "Runtime", "Network", "Log"):
            await page.send(f"{domain}.enable")
        media = [dict([each.split("=")]) for each in features]
        named = [{"name": name, "value": value} for each in media for name, value in each.items()]
        await page.send("Emulation.setEmulatedMedia", features=named)
        if before:
            await page.send("Page.addScriptToEvaluateOnNewDocument", source=before)
        await page.send("Page.navigate", url=path.as_uri())
        await page.until(
            f"location.href === {json.dumps(path.as_uri())} && document.readyState === 'complete'"
        )
        return page


@asynccontextmanager
async def browser(directory: Path) -> AsyncIterator[Protocol]:
    """The installed browser, with a profile of its own in `directory`."""
    program = installed()
    assert program is not None, "asked for before it was looked for"
    # Its sandbox needs rights that root in a container has not; the pages are our own.
    unsafe = ["--no-sandbox"] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(
        program,
        "--headless",
        "--remote-debugging-port=0",
        f"--user-data-dir={directory / 'profile'}",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-dev-shm-usage",
        *unsafe,
        "about:blank",
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            address = await _address(process)
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(address, max_msg_size=64 * 1024 * 1024) as socket,
        ):
            protocol = Protocol(socket)
            listening = asyncio.create_task(protocol.listen())
            try:
                yield protocol
            finally:
                listening.cancel()
    finally:
        process.terminate()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    lines: list[str] = []
    while line := (await process.stderr.readline()).decode(errors="replace"):
        lines.append(line)
        if line.startswith("DevTools listening on "):
            return line.removeprefix("DevTools listening on ").strip()
    raise AssertionError(f"the browser does not start: {lines}")
