"""A browser as a device: Chromium through Playwright, real mouse and keyboard, lossless captures, and what a page sets off.

Importing this loads no Playwright; launching does.
"""

from handeye.tools.browser.activity import Activity
from handeye.tools.browser.chromium import find_chromium
from handeye.tools.browser.cover import Asked, Cover, Form
from handeye.tools.browser.driver import BrowserDriver
from handeye.tools.browser.effects import HeldRequest
from handeye.tools.browser.options import BrowserOptions
from handeye.tools.browser.refusals import Refused

__all__ = ["Activity", "Asked", "BrowserDriver", "BrowserOptions", "Cover", "Form", "HeldRequest", "Refused", "find_chromium"]
