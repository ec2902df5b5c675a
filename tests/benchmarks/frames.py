"""How many frames a second the player and the laboratory draw, in the browser.

    python -m tests.benchmarks.frames

A frame counts from one drawing of the chart to the next while the player plays at its fastest; from
an input event to the chart's redraw and the browser's next frame while it is scrubbed or a rate is
dragged. Messages to the server are counted meanwhile.
"""

import statistics
import sys

from playwright.sync_api import Page

from tests.browser import PAGE, launch, serve, settle, wait_until_idle

COUNT = """() => {
    window.sent = 0;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) { window.sent++; return send.call(this, data); };
}"""

# Milliseconds from each event to the redraw, and to the browser's next frame.
MOVE = """async ([chart, name, values]) => {
    const svg = document.querySelector(`${chart} svg.marks`);
    const input = document.querySelector(`${chart} .vega-bindings input[name=${name}]`);
    const times = [];
    for (const value of values) {
        const begin = performance.now();
        const redrawn = new Promise(done => {
            const watch = new MutationObserver(() => { watch.disconnect(); done(true); });
            watch.observe(svg, {subtree: true, childList: true, attributes: true});
            setTimeout(() => done(false), 1000);
        });
        input.value = value;
        input.dispatchEvent(new Event('input'));
        const isRedrawn = await redrawn;
        const drawn = performance.now() - begin;
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        if (isRedrawn) times.push([drawn, performance.now() - begin]);
    }
    return times;
}"""

# Milliseconds between drawings while the player plays.
PLAY = """async () => {
    const svg = document.querySelector('.st-key-stage svg.marks');
    const hosts = [...document.querySelectorAll('.st-key-player *')];
    const bar = hosts.map(host => host.shadowRoot?.querySelector('.player')).find(one => one);
    const drawn = [];
    const watch = new MutationObserver(() => drawn.push(performance.now()));
    watch.observe(svg, {subtree: true, childList: true, attributes: true});
    bar.querySelector('select').value = '2';
    bar.querySelector('.play').click();
    await new Promise(done => setTimeout(done, 200));
    while (bar.classList.contains('playing')) await new Promise(done => setTimeout(done, 50));
    watch.disconnect();
    return drawn.slice(1).map((time, k) => time - drawn[k]).filter(gap => gap > 1);
}"""


def told(name: str, times: list[float], goal: str) -> None:
    """Print the median and the slowest twentieth."""
    slow = sorted(times)[int(0.95 * len(times))]
    print(f"{name:42}{statistics.median(times):7.1f} ms{slow:9.1f} ms{len(times):7}   {goal}")


def moved(page: Page, chart: str, name: str, values: list[float]) -> list[tuple[float, float]]:
    """Return the times of all moves of a parameter, after one round that does not count."""
    page.evaluate(MOVE, [chart, name, values])
    return page.evaluate(MOVE, [chart, name, values])


def main() -> None:
    """Measure and print."""
    print(f"{'':42}{'median':>10}{'95 %':>12}{'number':>7}")
    with serve(PAGE) as url, launch() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(url)
        settle(page)
        page.evaluate(COUNT)
        frames = moved(page, ".st-key-stage", "frame", list(range(0, 201, 2)))
        told("scrub, input to redraw", [one for one, _ in frames], "")
        told("scrub, input to the browser's frame", [two for _, two in frames], "goal: at most 50")
        told("play at 2 ×, drawing to drawing", page.evaluate(PLAY), "goal: at most 50")
        page.get_by_role("tab", name="The landscape").click()
        page.wait_for_selector(".st-key-landscape svg.marks .mark-symbol path")
        wait_until_idle(page)
        told("play with the landscape open", page.evaluate(PLAY), "goal: at most 50")
        page.get_by_role("tab", name="Drag a rate").click()
        page.wait_for_selector(".st-key-laboratory svg.marks .mark-symbol path")
        wait_until_idle(page)
        before = page.evaluate("() => window.sent")
        places = [round(-3 + 3.3 * k / 100, 2) for k in range(101)]
        dragged = moved(page, ".st-key-laboratory", "share", places)
        told("drag a rate, input to redraw", [one for one, _ in dragged], "goal: at most 60")
        told("drag a rate, to the browser's frame", [two for _, two in dragged], "goal: at most 60")
        print(
            f"messages to the server while dragging: {page.evaluate('() => window.sent') - before}"
        )


if __name__ == "__main__":
    sys.exit(main())
