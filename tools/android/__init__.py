"""An Android phone as a device: `AndroidDriver`, through adb and nothing else, nothing installed on the phone."""

from handeye.tools.android.capture import Blank
from handeye.tools.android.driver import AndroidDriver, ScreenState
from handeye.tools.android.options import AndroidOptions
from handeye.tools.android.server import PrivateServer
from handeye.tools.android.state import Foreground
from handeye.tools.android.transport import ServerAddress

__all__ = ["AndroidDriver", "AndroidOptions", "Blank", "Foreground", "PrivateServer", "ScreenState", "ServerAddress"]
