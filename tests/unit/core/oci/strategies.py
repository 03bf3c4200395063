"""Texts that look like configuration files, in every state of disorder."""

from hypothesis import strategies as st

_LINES = (
    *("[A]", "[a]", "[B]", " [C]", "[DEFAULT]", "[ DEFAULT ]", "[A] x", "[x", "[]", "]["),
    *(
        "user=u",
        "User : v",
        "region=us-ashburn-1",
        "region = r # c",
        "  glued",
        "\tglued=1",
        "pass_phrase=a%b",
        "x=",
        "y:",
    ),
    *("# c", "  ; c", "", "   ", "bare", "=x", "x]=1", "k==v", "k=:v", "a b = c", "log_requests=true"),
    *("security_token_file=/t", "authentication=security_token", "x=\u00e9", "\u00a0y=1", "z=a\x0bb", "z=a\x1cb"),
)
_ENDINGS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n"])
_line = st.one_of(
    st.sampled_from(_LINES),
    st.sampled_from(_LINES),
    st.text("ab=:[]#; \t\u00a0%\x0b\u2028", max_size=12),
)

# Anything: most of these the SDK refuses.
disorder = st.lists(st.tuples(_line, _ENDINGS).map("".join), max_size=14).map("".join)


@st.composite
def orderly(draw: st.DrawFn) -> str:
    """Texts that the SDK accepts: no name twice, nothing without a place. Comments, blanks and endings are wild."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    sections = draw(st.lists(st.sampled_from(["DEFAULT", "A", "a", "B", "c-d", " E "]), unique=True, max_size=4))
    lines: list[str] = draw(st.lists(_noise, max_size=2))
    for section in sections:
        lines.append(f"[{section}]")
        for name in draw(st.lists(st.sampled_from(["user", "Tenancy", "region", "x", "pass_phrase"]), unique=True)):
            lines += draw(st.lists(_noise, max_size=1))
            delimiter = draw(st.sampled_from(["=", " = ", ":", "\t:\t"]))
            lines.append(f"{name}{delimiter}{draw(values)}")
            lines += draw(st.lists(st.sampled_from(["  glued on", "\tmore=1"]), max_size=1))
        lines += draw(st.lists(_noise, max_size=2))
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


_noise = st.sampled_from(["", "  ", "# a comment", "   ; another", "#pass_phrase=off-and-hidden"])
values = st.one_of(
    st.just(""),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Zs", "Cs")), max_size=12).map(
        str.strip
    ),
    st.sampled_from(["a-value", "a # b", "'q'", "100%", "%(x)s", "a=b:c", "[A]"]),
)
