"""The studio's worker processes: one that reads, and one that speaks and mixes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from breathmark.base.pool import Pool
from breathmark.studio.sessions import ready

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

_R = TypeVar("_R")


class OvertakenError(Exception):
    """A newer request of the same kind came before this one was begun."""


class StudioWorkers:
    """Two processes, so that a guess or a check never waits for a voice."""

    def __init__(self) -> None:
        self._reader = Pool(1)
        self._player = Pool(1, on_progress=self._spoken)
        """Its sessions stay open."""
        self.spoken: float | None = None
        """The share of a session's new sentences that the player has spoken, from 0 to 1; None while it speaks none."""
        for pool in (self._reader, self._player):
            pool.submit(ready)
        self._latest: dict[str, Future[Any]] = {}

    def close(self) -> None:
        """End both."""
        self._reader.close()
        self._player.close()

    async def read(self, key: str, function: Callable[..., _R], *arguments: object) -> _R:
        """Have the reader work; a call of the same key that has not begun is dropped, where the key is not empty."""
        return await self._newest(self._reader, key, function, *arguments)

    async def play(self, key: str, function: Callable[..., _R], *arguments: object) -> _R:
        """Have the player work, likewise."""
        return await self._newest(self._player, key, function, *arguments)

    def _spoken(self, _worker: str, _stage: str, share: float) -> None:
        self.spoken = share

    def _ended(self, done: Future[Any]) -> None:
        """When the player's call has ended, which goes on where nobody waits for it any more."""
        if not done.cancelled():  # else it never began, and another one may be speaking
            self.spoken = None

    def prepare(self, key: str, function: Callable[..., object], *arguments: object) -> None:
        """Have the player do what will be asked for next, likewise; nobody waits for it."""
        self._drop(key)
        self._latest[key] = self._player.submit(function, *arguments)

    def _drop(self, key: str) -> None:
        older = self._latest.pop(key, None)
        if older is not None:
            older.cancel()

    async def _newest(self, pool: Pool, key: str, function: Callable[..., _R], *arguments: object) -> _R:
        self._drop(key)
        future = pool.submit(function, *arguments)
        if pool is self._player:
            future.add_done_callback(self._ended)
        if key:
            self._latest[key] = future
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError as exc:
            if key and self._latest.get(key) is not future:
                raise OvertakenError from exc
            raise
        finally:
            if self._latest.get(key) is future:
                del self._latest[key]  # its result may be the plan of an hour
