"""How much wider than its window a page is."""

from playwright.sync_api import Page

# Charts take the window's new width a frame later than the page: up to 600 frames of them are waited for.
PIXELS_OVER = """async () => {
  const root = document.documentElement;
  for (let frame = 0; frame < 600 && root.scrollWidth > root.clientWidth; frame += 1) {
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
  return root.scrollWidth - root.clientWidth;
}"""


def pixels_over(page: Page) -> int:
    """What still runs over the right edge once everything has found its width."""
    return int(page.evaluate(PIXELS_OVER))
