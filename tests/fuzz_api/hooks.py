"""What the bodies that are not JSON may be."""
import os
import schemathesis
from hypothesis import strategies as st

with open(os.environ["FUZZ_REGISTER"], encoding="utf-8") as file:
    REGISTER = file.read()
LINES = REGISTER.splitlines(keepends=True)
HEAD = "id,name,role\n"


# What is taken away cannot be asked about any more.
KEPT = {"h1", "fuzz-all", "fuzz-read", "fuzz-observe"}


@schemathesis.hook
def filter_body(context, body):
    deeds = body if isinstance(body, list) else [body]
    removes = [deed for deed in deeds if isinstance(deed, dict) and deed.get("do") == "remove"]
    return not any(deed.get("home") in KEPT for deed in removes)


@st.composite
def registers(draw):
    gone = draw(st.sets(st.integers(0, len(LINES) - 1), max_size=2))
    return "".join(line for n, line in enumerate(LINES) if n not in gone).encode()


schemathesis.openapi.media_type("application/toml", registers() | st.text().map(str.encode))
schemathesis.openapi.media_type("text/csv", st.text().map(lambda t: (HEAD + t).encode()) | st.binary())
