"""The async engine. It knows no terminal: no module below imports textual or rich."""
