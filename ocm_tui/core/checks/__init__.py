"""One check per concern, each a named headless verdict: pass, warn, fail or skip."""
