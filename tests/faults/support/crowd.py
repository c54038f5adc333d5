"""Many readers of the event stream who come and go: each reads for a while, leaves, and comes back with its last id."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from urllib.parse import urlsplit


class Crowd:
    """Runs in a thread of its own until `close`. `wrong` holds what a reader was sent that it should not."""

    def __init__(self, url: str, after: int, size: int, most_seconds: float, seed: int = 1):
        address = urlsplit(url)
        self._host, self._port = address.hostname, address.port
        self._after = after
        self._size, self._most_seconds, self._numbers = size, most_seconds, random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._all(),), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _all(self) -> None:
        readers = [asyncio.create_task(self._reader()) for _ in range(self._size)]
        await self._stopped.wait()
        for reader in readers:
            reader.cancel()
        for result in await asyncio.gather(*readers, return_exceptions=True):
            if isinstance(result, Exception):
                self.wrong.append(f"a reader ended with {result!r}")

    async def _reader(self) -> None:
        last_id = [self._after]
        while True:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            try:
                writer.write(
                    f"GET /api/v1/events?topics=runs,assets,code-locations&after={last_id[0]} HTTP/1.1\r\n"
                    f"Host: {self._host}:{self._port}\r\n\r\n".encode()
                )
                stay = self._numbers.uniform(0.0, self._most_seconds)
                await asyncio.wait_for(self._read(reader, last_id), stay)
            except asyncio.TimeoutError:
                self.counts["visits"] += 1
            finally:
                writer.close()

    async def _read(self, reader: asyncio.StreamReader, last_id: list[int]) -> None:
        status = await reader.readline()
        if b" 200 " not in status:
            raise ConnectionError(f"the stream was answered with {status!r}")
        async for line in reader:
            if line.startswith(b"id: "):
                number = int(line[4:])
                if number < last_id[0]:
                    self.wrong.append(f"{number} came after {last_id[0]}")
                last_id[0] = number
                self.counts["frames"] += 1
            elif line.startswith(b"event: reset"):
                self.counts["resets"] += 1
        raise ConnectionError("the stream ended")
