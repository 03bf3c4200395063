"""The console, a Textual application over the engine."""

import os

# How long a lone ESC waits for the rest of a sequence, in milliseconds. Textual's 100 can be felt at every `esc`; it
# reads the variable when it is imported, and a user's own value wins.
os.environ.setdefault("ESCDELAY", "40")
