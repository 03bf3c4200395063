"""The tables of what the console can do, one a screen; `tui.actions` reads them."""
