"""The terminal driver, with an `esc` that is felt at once, and an end when the terminal is gone.

A lone ESC may be the start of a longer sequence, so it has to wait a moment. Textual looks only every 100 ms whether
that moment has passed; here the look comes when it has.

The terminal can be handed over to an editor while the console goes on: what it would paint meanwhile is dropped.
"""

import os
import selectors
import signal
from codecs import getincrementaldecoder
from typing import Final

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

__all__ = ["PromptDriver"]

_IDLE: Final = 0.1  # seconds between two looks at whether to end


class PromptDriver(LinuxDriver):
    _handed_over = False

    def suspend_application_mode(self) -> None:
        super().suspend_application_mode()
        self._handed_over = True

    def resume_application_mode(self) -> None:
        self._handed_over = False
        super().resume_application_mode()

    def write(self, data: str) -> None:
        """Nobody takes what is written while another program has the terminal: the queue would fill, and block."""
        if not self._handed_over:
            super().write(data)

    def run_input_thread(self) -> None:
        """As in the base class, but for the waiting time; a terminal that is gone ends the program as SIGHUP does."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            wait = _IDLE
            while not self.exit_event.is_set():
                text = ""
                if selector.select(wait):
                    data = self._read()
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)
                        return
                    text = decode(data)
                    for event in parser.feed(text) if text else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
                wait = constants.ESCAPE_DELAY + 0.002 if text.endswith("\x1b") else _IDLE

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _sigcont_application(self, *_: object) -> None:
        """Only after a stop of our own. A terminal that is closed sends SIGCONT too, and a second set of threads
        beside the first would keep the process alive for ever."""
        if self._must_signal_resume:
            super()._sigcont_application()
