"""What any length costs a listener's browser: tasks of the page's thread, composing, and the wait for the first sound.

``python -m tests.course.page_costs SITE SESSION`` prints the figures of a session of a site, from a host and from a
disk, also with the processor slowed four times.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .browser import opened, visit
from .hosting import host
from .test_site import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from playwright.sync_api import CDPSession, Page

SLOWED = (1, 4)
TRIES = 5
COMPOSED_MS = """async ([seconds, base]) => {
    const compose = self.BreathmarkCompose;
    const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
    const [whole, plans] = [await bytes(`${base}.pack`), await bytes(`${base}.plans.json`)];
    const begun = performance.now();
    const pack = await compose.readPack(whole), known = await compose.readPlans(plans, pack);
    const read = performance.now();
    const plan = known.lengths.findLast((each) => each.length_s <= seconds);
    await compose.compose([{pack, plan, plans: known}]);
    return [read - begun, performance.now() - read];
}"""
HEARD_MS = """(minute) => new Promise((done) => {
    const audio = document.querySelector('audio'), slider = document.getElementById('minutes'), before = audio.src;
    const begun = performance.now();
    slider.value = minute;
    slider.dispatchEvent(new Event('input'));
    slider.dispatchEvent(new Event('change'));
    const look = () => {
        if (audio.src === before || audio.paused || audio.currentTime === 0) { setTimeout(look, 1); return; }
        done(performance.now() - begun);
    };
    look();
})"""


def longest_task_ms(page: Page, cdp: CDPSession, work: Callable[[], object]) -> float:
    """The most processor time that one task of the page's thread takes while ``work`` is done."""
    events: list[dict[str, Any]] = []
    ended: list[bool] = []
    cdp.on("Tracing.dataCollected", lambda found: events.extend(found["value"]))
    cdp.on("Tracing.tracingComplete", lambda _: ended.append(True))
    cdp.send("Tracing.start", {"traceConfig": {"includedCategories": ["toplevel", "blink.user_timing"]}})
    work()
    page.evaluate("performance.mark('worked')")
    cdp.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(10)
    mark = next(each for each in events if each["name"] == "worked")
    return max(_costs_ms(events, mark), default=0.0)


def _costs_ms(events: Iterable[dict[str, Any]], mark: dict[str, Any]) -> Iterable[float]:
    """The tasks of the thread that left the ``mark``, before it."""
    for each in events:
        if (each["pid"], each["tid"]) == (mark["pid"], mark["tid"]) and each["ts"] < mark["ts"] and "tdur" in each:
            yield float(each["tdur"]) / 1000


def wait_for_length(page: Page) -> None:
    """Until something is put together."""
    until(lambda: bool(page.evaluate("document.querySelector('audio').src.startsWith('blob:')")))


def _report(page: Page, address: str, session: str, slowed: int) -> None:
    served = address.startswith("http")
    name = f"{'host' if served else 'disk'}, slowed {slowed} times"
    cdp = page.context.new_cdp_session(page)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": slowed})

    def opens() -> None:
        page.goto(f"{address}/index.html")
        page.goto(f"{address}/site/{session}.html#1800s")
        wait_for_length(page)

    _print(f"{name}: longest task while the page opens", [longest_task_ms(page, cdp, opens) for _ in range(TRIES)])
    if served:
        tries = [page.evaluate(COMPOSED_MS, [1800, f"packs/{session}"]) for _ in range(TRIES)]
        _print(f"{name}: reading and checking a pack", [read for read, _ in tries])
        _print(f"{name}: putting 30 minutes together", [composed for _, composed in tries])
    page.get_by_role("button", name="Play").click()
    until(lambda: bool(page.evaluate("document.querySelector('audio').currentTime > 0")))
    minutes = [8 + number for number in range(TRIES)]
    _print(f"{name}: from a length to the first sound", [page.evaluate(HEARD_MS, minute) for minute in minutes])


def _print(what: str, costs_ms: list[float]) -> None:
    middle_ms = sorted(costs_ms)[len(costs_ms) // 2]
    sys.stdout.write(f"{what}: {min(costs_ms):.1f} to {max(costs_ms):.1f} ms, half below {middle_ms:.1f}\n")
    sys.stdout.flush()


def main(site: Path, session: str) -> None:
    """Print the figures of a session of a published site."""
    with opened("--autoplay-policy=no-user-gesture-required") as browser, host(site) as (served, _):
        for address in (served, site.resolve().as_uri()):
            for slowed in SLOWED:
                with visit(browser, "about:blank") as visited:
                    visited.page.set_default_timeout(60_000)
                    _report(visited.page, address, session, slowed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
