"""Take the README's picture of the page.

python -m tests.screenshot
"""

from tests.browser import ROOT, SCRUB, launch, scrub, serve, wait_until_idle


def main() -> None:
    """Write .streamlit/screenshot.png: the page as a reader first sees it, scrubbed to step 7."""
    with serve(ROOT / "dashboard.py") as url, launch() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 960})
        page.goto(f"{url}/?noise=0.05&num_steps=50")
        page.wait_for_selector("text=Trained by TensorFlow")
        page.wait_for_selector(".st-key-stage svg.marks")
        wait_until_idle(page)
        scrub(page, 28, 7)
        page.locator(SCRUB).blur()
        page.screenshot(path=ROOT / ".streamlit" / "screenshot.png")


if __name__ == "__main__":
    main()
