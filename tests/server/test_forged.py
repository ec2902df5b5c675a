"""A forged client: what no browser would send, over the real websocket. No traceback, no hang."""

import asyncio
import contextlib
import math
import random
import re
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from linreg.page.server import pace, uploads
from linreg.sharing import lessons, settings
from tests.benchmarks.load import move_good
from tests.patience import PATIENCE
from tests.properties import in_proportion
from tests.reader import TRAINED, reading, run

FAILED = "The page cannot go on"
NUMBERS = [math.nan, math.inf, -math.inf, -1.0, 0.0, 1e-320, 0.1 + 0.2, 1e308, 2.0**63, -1e308]
TEXTS = ["", "nan", "x" * 10_000, "\0", "<script>alert(1)</script>", "=1+1", "☃", "🂡" * 500]
JSON = [
    "{",
    "[]",
    '{"selection": {"pick": [{"rate": "x", "weight": null}]}}',
    '{"selection": {"pick": [{"rate": -1, "weight": 1e999, "bias": 0}]}}',
    '{"selection": {"pick": 5}}',
    '{"selection": null}',
]
TABS = ["compare", "step", "drag", "map", "landscape", "take"]
VALUES = {  # by the kind of widget: of the right type, and nothing that its control would send
    "number_input": [{"double_value": number} for number in NUMBERS],
    # Streamlit itself ends at one that is not finite; see below.
    "whole": [{"double_value": number} for number in NUMBERS if math.isfinite(number)],
    "slider": [
        {"string_array_value": many} for many in ([], ["0.1", "0.2"], *([t] for t in TEXTS))
    ],
    "selectbox": [{"string_value": text} for text in TEXTS],
    "text_input": [{"string_value": text} for text in TEXTS],
    "text_area": [{"string_value": text} for text in TEXTS],
    "multiselect": [{"string_array_value": [text]} for text in TEXTS],
    "button_group": [{"string_array_value": [text]} for text in TEXTS],
    "button": [{"trigger_value": True}],
    "checkbox": [{"bool_value": True}],
    "arrow_vega_lite_chart": [{"string_value": text} for text in JSON],
    "bidi_component": [
        {"json_trigger_value": f'[{{"event": "step", "value": {value}}}]'}
        for value in ("-5", '"x"', "1e999", "null", "[1]", "99999999999999999999")
    ]
    + [
        {
            "json_trigger_value": f'[{{"event": "moved", "value": {{"name": {name}, "rate": {rate}}}}}]'
        }
        for name in ('"good"', '"bogus"', "[]")
        for rate in ("-1", "0", '"x"', "1e999", "NaN", "true", "null", "1e-300")
    ],
}
MISTYPED = [
    {"double_value": math.nan},
    {"int_value": 2**62},
    {"string_value": "\0"},
    {"bool_value": True},
    {"bytes_value": b"\xff\x00"},
    {"double_array_value": [math.nan, 1e308]},
    {"string_array_value": ["x", "\0"]},
    {"json_value": "{"},
    {"json_trigger_value": '{"event": "step", "value": -5}'},
]
QUERIES = [
    "data=file&kept=a,run:good,data:file,good:0.3&open=compare",
    "kept=" + "|" * 500,
    "kept=x,run:good,good:1e999|%00,run:bad|,,,;;;|x,run:good,good:0.1,drawn:1,baseline:1",
    "kept=" + "|".join(["x,run:good,good:0.3,num_steps:2000000"] * 25) + "&open=compare",
    "hide=" + ",".join(lessons.PARTS) + "&prompt=%00%0a<b>",
    "phases=;;;:::,,,;a:b;good:nan",
    "open=step&num_steps=1&too_large=1e6&good=1e6&too_small=1e6",
    "rule=adam&schedule=cosine_decay&batch_size=1&num_steps=5000000",
    "open=map&schedule=cosine_decay&num_steps=200000",
    "open=map&data=wheat&rule=momentum&momentum=0.999",
    "num_points=1000000&batch_size=1&phases=" + ";".join(["batch_size:1"] * 19),
    "&".join(f"{name}=%FF%00" for name in settings.SETTINGS),
]


def assert_it_holds(reader, served):
    """Fail where the page shows a failure, with the reason from the server's log."""
    said = served.said
    assert reader.exceptions == [], said
    assert not any(FAILED in text for text in reader.texts()), said


def widgets(reader):
    """Return kind, identifier and fragment of everything that the page lets a reader set.

    By their keys: what stands before those in an identifier differs between two folders.
    """
    found = set()
    for element, fragment in reader.elements.values():
        kind = element.WhichOneof("type")
        widget = getattr(element, kind)
        if kind == "number_input" and widget.data_type == widget.INT:
            kind = "whole"
        if identifier := getattr(widget, "id", ""):
            found.add((kind, identifier, fragment))
    return sorted(found, key=lambda one: (one[0], one[1].rsplit("-", 1)[-1]))


async def forge(served, tab, count, chosen):
    """Send values that no control sends, one after the other."""
    async with reading(served.url, f"open={tab}&kept=a,run:good,good:0.3") as reader:
        await reader.wait_for(TRAINED)
        for _ in range(count):
            known = [one for one in widgets(reader) if one[0] in VALUES]
            assert len(known) > 10
            kind, identifier, fragment = chosen.choice(known)
            reader.put(identifier, **chosen.choice(VALUES[kind]))
            await reader.rerun(fragment)
            assert_it_holds(reader, served)
            if kind in ("button", "bidi_component") or chosen.random() < 0.2:
                reader.widgets.clear()


async def ask_honestly(served):
    """Move a rate as a reader does, and fail unless the numbers are right."""
    async with reading(served.url) as reader:
        await reader.wait_for(TRAINED)
        chosen = random.Random(0)
        for _ in range(5):
            assert await move_good(reader, chosen)
        assert reader.exceptions == []


@pytest.mark.parametrize("tab", TABS)
def test_no_value_of_any_widget_shows_a_traceback_or_hangs_the_page(served, tab):
    run(forge(served, tab, in_proportion(25), random.Random(tab)))


@pytest.mark.parametrize(("number", "value"), list(enumerate(MISTYPED)))
def test_values_of_another_type_show_no_traceback(served, number, value):
    # Streamlit itself fails at them, and keeps them: the forger's own session is lost, and with it
    # the page's fragments, so that the next run of one of them may go unanswered. A run of the
    # whole page has to be answered, always, and nobody else may notice.
    async def forge(tab):
        async with reading(served.url, f"open={tab}") as reader:
            for _, identifier, fragment in widgets(reader)[number % 3 :: 3]:
                reader.put(identifier, **value)
                with contextlib.suppress(TimeoutError):
                    await reader.rerun(fragment, timeout=3)
                reader.widgets.clear()
                await reader.rerun()
            assert reader.traces == []
            assert not any("Error" in message for message in reader.exceptions)

    for further in range(min(len(TABS), in_proportion(1))):
        run(forge(TABS[(number + further) % len(TABS)]))


@pytest.mark.parametrize("query", QUERIES)
def test_no_address_shows_a_traceback_or_hangs_the_page(served, query):
    async def forge():
        async with reading(served.url, query) as reader:
            await reader.rerun()
            assert_it_holds(reader, served)

    run(forge())


def resident(served):
    """Return the server's memory in MB."""
    status = Path(f"/proc/{served.process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def test_flood_of_messages_is_cut_off_in_words_while_others_are_served(served):
    nothing = BackMsg()
    nothing.rerun_script.query_string = ""
    frame, before = nothing.SerializeToString(), resident(served)

    async def flood():
        socket = await connect(served.url.replace("http", "ws") + "/_stcore/stream", max_size=None)
        with contextlib.suppress(ConnectionClosed):
            for _ in range(30_000):
                await socket.send(frame)
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
        # To one that is still sending, the words may be lost: the system resets the connection.
        told = socket.close_code, socket.close_reason
        assert told in ((pace.POLICY, pace.REASON), (CloseCode.ABNORMAL_CLOSURE, ""))

    async def go():
        async with reading(served.url) as other:
            await other.wait_for(TRAINED)
            flooding = asyncio.create_task(flood())
            while not flooding.done():
                health = asyncio.to_thread(urlopen, f"{served.url}/_stcore/health", timeout=5)
                (await health).close()
                await other.set("number_input", "good", double_value=0.3)
            await flooding
            assert other.exceptions == []

    run(go())
    assert resident(served) < before + 50


def test_uploads_under_made_up_names_do_not_pile_up(served):
    url = f"{served.url}/_stcore"

    def held():
        with urlopen(f"{url}/metrics", timeout=PATIENCE) as answer:
            told = answer.read().decode()
        sizes = re.findall(r'^cache_memory_bytes\{.*"UploadedFileManager".*\} (\d+)', told, re.M)
        return sum(map(int, sizes))

    def put(session, token, name):
        edge = "edge"
        part = 'Content-Disposition: form-data; name="f"; filename="f"'
        body = f"--{edge}\r\n{part}\r\n\r\n{'x' * 1000}\r\n--{edge}--\r\n".encode()
        headers = {"X-Xsrftoken": token, "Cookie": f"_streamlit_xsrf={token}"}
        headers["Content-Type"] = f"multipart/form-data; boundary={edge}"
        whither = f"{url}/upload_file/{session}/{name}"
        asked = Request(whither, body, headers, method="PUT")
        with urlopen(asked, timeout=PATIENCE) as answer:
            assert answer.status == 204

    async def go():
        with urlopen(f"{url}/health", timeout=PATIENCE) as answer:
            token = re.search(r"_streamlit_xsrf=([^;]+)", str(answer.headers))[1]
        async with reading(served.url) as reader:
            for number in range(10):
                await asyncio.to_thread(put, reader.session, token, number)
            assert held() == 1000 * uploads.MAX_FILES  # asked once: the server tells it seldom

    run(go())


NAMES = st.sampled_from(
    [
        *settings.SETTINGS,
        settings.PHASES,
        settings.KEPT,
        "lesson",
        "hide",
        "open",
        "prompt",
        "embed",
    ]
)
WORDS = st.text(max_size=30) | st.sampled_from(
    ["nan", "inf", "-1", "1e999", "adam", "anscombe_4", "0.1,0.2", "good:0.3;rule:adam", "file"]
)
ANYTHING = st.one_of(WORDS, st.floats().map(repr), st.integers().map(str))


@given(query=st.dictionaries(NAMES, ANYTHING, max_size=6))
def test_no_query_shows_a_traceback_or_hangs_the_page(served, query):
    async def ask():
        async with reading(served.url, urlencode(query, errors="replace")) as reader:
            await reader.rerun()
            assert_it_holds(reader, served)

    run(ask())


def test_page_still_answers_with_the_right_numbers_afterwards(served):
    run(ask_honestly(served))
