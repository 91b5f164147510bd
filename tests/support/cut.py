"""What a page loses where there is little room: wider than the window, controls over each other, and words outside their box."""

from __future__ import annotations

from playwright.async_api import Page

FIND = """() => {
const found = [];
const words = (it) => (it.innerText ?? '').trim().slice(0, 40);
const name = (it) => `${it.tagName.toLowerCase()}${it.id ? '#' + it.id : ''}.${it.className} "${words(it)}"`;
const within = (it, is) => { for (let at = it; at; at = at.parentElement) if (is(getComputedStyle(at))) return at; return null };
// What is clipped away is only heard, or comes with the focus.
const seen = (it) => it.checkVisibility({opacityProperty: true, visibilityProperty: true})
  && !within(it, ({clipPath}) => clipPath !== 'none') && !it.matches('.skip');
const room = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > window.innerWidth) {
  const wide = [...document.querySelectorAll('body *')].filter((it) =>
    it.getBoundingClientRect().right > room + 1 && seen(it)
    && !within(it, ({overflowX}) => ['auto', 'scroll', 'hidden'].includes(overflowX)));
  found.push(`wider than the window: ${wide.slice(0, 3).map(name)}`);
}
for (const it of document.querySelectorAll('body *')) {
  const wide = it.clientWidth && it.scrollWidth > it.clientWidth + 1;
  const high = it.clientHeight && it.scrollHeight > it.clientHeight + 1;
  if (!(wide || high) || it.matches('svg, svg *, iframe, input, textarea, select') || !seen(it)) continue;
  const {overflowX, overflowY} = getComputedStyle(it);
  if (wide && /hidden|clip/.test(overflowX)) found.push(`cut at its side: ${name(it)}`);
  if (high && /hidden|clip/.test(overflowY)) found.push(`cut below: ${name(it)}`);
  if (wide && overflowX === 'visible' && it.matches('button, .button, .badge, th, td, h1, h2, h3, dt, dd, label')) {
    found.push(`words beside their box: ${name(it)}`);
  }
}
const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
const boxes = [...document.querySelectorAll(CONTROLS)].filter((it) => !it.matches('svg *') && seen(it))
  .flatMap((it) => [...it.getClientRects()].map((box) => ({it, box})))
  .sort((one, other) => one.box.top - other.box.top);
const flows = (it) => within(it, ({position}) => ['sticky', 'fixed'].includes(position));
boxes.forEach((one, at) => {
  for (const other of boxes.slice(at + 1)) {
    if (other.box.top >= one.box.bottom - 2) break;
    const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
    const high = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
    if (wide <= 2 || high <= 2 || one.it.contains(other.it) || other.it.contains(one.it)) continue;
    if (flows(one.it) !== flows(other.it)) continue;
    found.push(`over each other by ${Math.round(wide)} x ${Math.round(high)}: ${name(one.it)} and ${name(other.it)}`);
  }
});
return [...new Set(found)];
}"""
LETTERS = "(size) => { document.documentElement.style.fontSize = size }"
HALF = {"width": 640, "height": 400}
"""A window of 1280 x 800 whose page is enlarged to 200 %."""


async def cut(page: Page) -> list[str]:
    """As it stands, enlarged to 200 %, and with letters of twice their size."""
    usual = page.viewport_size
    assert usual is not None
    found = list(await page.evaluate(FIND))
    await page.set_viewport_size(HALF)  # type: ignore[arg-type]  # a dict of the two
    found += [f"at 200 %, {what}" for what in await page.evaluate(FIND)]
    # Nobody has a window of 320 px and letters of that size: it would be one of 160.
    if usual["width"] > HALF["width"]:
        await page.set_viewport_size(usual)
    await page.evaluate(LETTERS, "200%")
    found += [f"with large letters, {what}" for what in await page.evaluate(FIND)]
    await page.set_viewport_size(usual)
    await page.evaluate(LETTERS, "")
    return found
