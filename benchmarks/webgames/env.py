"""`WebGameEnv`: one game as an environment, worked by mouse and keyboard from pixels."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from handeye.benchmarks.webgames.games import Game
from handeye.envs.actions import Action, ChooseFiles, Goto
from handeye.envs.addresses import address
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import TimeStep
from handeye.envs.observation import Observation
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import DeviceError, InvalidAction
from handeye.tools.geometry import Size

_STATUS = "() => performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0"

# What the page says within its window, in frames of the same origin too. A password that is spread over several nodes counts as soon as the
# page's text has it: there is no one place of which to ask whether it is in the window.
_SHOWS = """(password) => {
  const within = (view, node, at) => {
    if (!node.parentElement.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) return false;
    const range = view.document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + password.length);
    return [...range.getClientRects()].some((box) => box.width > 0 && box.height > 0 &&
      box.bottom > 0 && box.right > 0 && box.top < view.innerHeight && box.left < view.innerWidth);
  };
  const shows = (view) => {
    const body = view.document.body;
    if (body && body.innerText.includes(password)) {
      const nodes = view.document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
      let whole = false;
      for (let node; (node = nodes.nextNode());) {
        const at = node.data.indexOf(password);
        if (at < 0) continue;
        whole = true;
        if (within(view, node, at)) return true;
      }
      if (!whole) return true;
    }
    return [...view.document.querySelectorAll('iframe')].some((frame) => {
      try { return shows(frame.contentWindow); } catch { return false; }
    });
  };
  return shows(window);
}"""


def launch(viewport: Size, downloads: Path) -> BrowserDriver:
    """A browser for any number of games, one after the other.

    Raises `SetupError` when Playwright or a Chromium is missing, `DeviceError` when the browser does not start.
    """
    return BrowserDriver.launch(BrowserOptions(viewport=viewport, downloads=downloads))


def base_address(text: str) -> str:
    """Where the copy is served, without a slash at the end. Raises `InvalidAction` for what is not http or https, or more than a place."""
    url = address(text)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InvalidAction(f"--base-url is where a copy is served, as http://localhost:5173, not {text[:200]!r}")
    return url.rstrip("/")


class WebGameEnv(BrowserEnv):
    """One game of the copy at `base` (see `base_address`). It uses `driver` (from `launch`) and leaves it open. An `Env`.

    All verbs of a browser, but addresses are limited to the game's own pages, since a copy's other addresses hold its source with every
    password, and files to what the game had the browser download, since no person is there to allow another one.
    """

    def __init__(self, game: Game, base: str, driver: BrowserDriver) -> None:
        super().__init__(driver, f"{base}/{game.path}")
        self.revealed = False
        """Whether the page was seen to show the password, in its text within the window, at the end of any step."""
        self._password = game.password

    def reset(self, seed: int | None = None) -> Observation:
        """The game at its start, in a browser without cookies and storage. Raises `DeviceError` where the copy does not answer."""
        self.revealed = False
        return super().reset(seed)

    def begin(self, seed: int | None) -> None:
        """Open the game's page. Raises `DeviceError` when the server does not have it."""
        super().begin(seed)
        status = 0
        # A page that begins with a dialog is not asked, but it is there.
        with suppress(InvalidAction, DeviceError):
            status = self.driver.evaluate(_STATUS)
        if status >= 400:
            fix = "serve the copy so that every path gets its index.html, as `pnpm run dev` and `pnpm run preview` do"
            raise DeviceError(f"{self.start_url} was answered with status {status}.", fix=fix)

    def look(self, act_s: float = 0.0, note: str = "") -> TimeStep:
        """Look, and note whether the password is shown."""
        after = super().look(act_s, note)
        self.search()
        return after

    def search(self) -> bool:
        """Whether the password was shown until now, this moment included."""
        if not self.revealed:
            # While a dialog is open, or the page is on its way, it is not asked: the next look finds what is there then.
            with suppress(InvalidAction, DeviceError):
                self.revealed = bool(self.driver.evaluate(_SHOWS, self._password))
        return self.revealed

    def _check(self, action: Action) -> None:
        super()._check(action)
        downloads = self.driver.downloads()
        if isinstance(action, Goto) and not self._own(address(action.url), downloads):
            raise InvalidAction(f"only the game's own address can be opened here, {self.start_url}, and what it had downloaded")
        if isinstance(action, ChooseFiles) and (others := [path for path in action.paths if path not in downloads]):
            raise InvalidAction(f"only files that were downloaded in this game can be chosen, not {', '.join(others)[:200]}")

    def _own(self, url: str, downloads: tuple[str, ...]) -> bool:
        there, start = urlsplit(url), urlsplit(self.start_url)
        if there.scheme == "file":
            return unquote(there.path) in downloads
        page, first = unquote(there.path), start.path.rstrip("/")
        same = (there.scheme, there.netloc) == (start.scheme, start.netloc)
        return same and ".." not in page and (page.rstrip("/") == first or page.startswith(f"{first}/"))
