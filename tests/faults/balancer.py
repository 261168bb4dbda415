"""One address for several servers, as a reverse proxy gives it: each connection goes to one that takes it."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def balanced(port: int, servers: list[int]) -> Iterator[None]:
    """Listen on *port* and hand connections on to the ports of *servers* in turn, past those that refuse."""
    loop = asyncio.new_event_loop()
    turns = itertools.count()
    carried: set[asyncio.Task] = set()

    async def reach() -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        first = next(turns)
        for step in range(len(servers)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", servers[(first + step) % len(servers)])
        return None

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await reader.read(65536):
                writer.write(said)
                await writer.drain()
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        carried.add(task)
        task.add_done_callback(carried.discard)
        beyond = await reach()
        if beyond is None:
            writer.close()
            return
        await asyncio.gather(carry(reader, beyond[1]), carry(beyond[0], writer))

    async def listen() -> None:
        await asyncio.start_server(connect, "127.0.0.1", port, backlog=1024)

    async def hang_up() -> None:
        for task in carried:
            task.cancel()
        await asyncio.gather(*carried, return_exceptions=True)

    loop.run_until_complete(listen())
    running = threading.Thread(target=loop.run_forever, daemon=True)
    running.start()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(hang_up(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        running.join()
        loop.close()
