"""Links to the page: those of old open to the same numbers, those it makes hold all it shows."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from linreg.sharing import lessons
from tests.page import (
    open_page,
    open_tab,
    refusals,
    shown_rates,
    shown_runs,
    trained,
    upload,
)

# Links as they were made: each with the rates that it opened to on that day, and the final weight,
# bias and loss of "Good". These were worked out once, away from this package, by a loop of a few
# lines of NumPy over points drawn with `default_rng` or read from the CSV file. A link must go on to
# open to them, whatever we suggest or begin with some day.
OLD_LINKS = [
    (
        "",
        (0.0047, 0.51, 0.82),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "seed=7&noise=0.3",
        (0.0047, 0.51, 0.91),
        (0.016505667703171197, 0.5024522539776545, 0.0680998997707891),
    ),
    (
        "weight=-2&bias=3&num_points=50&noise=0.5&seed=3&initial_weight=1&initial_bias=2&num_steps=60",
        (0.0047, 0.51, 0.82),
        (-2.4080249479907634, 3.14114775360383, 0.25655041936326234),
    ),
    (
        "too_small=0.001&good=0.3&too_large=1.2&num_steps=50",
        (0.001, 0.3, 1.2),
        (0.16810231975207945, 0.45902903931814437, 0.000544665082426366),
    ),
    (
        "rule=momentum&momentum=0.5&good=0.2&num_steps=40",
        (0.0022, 0.2, 1.2),
        (0.15314429438486474, 0.46784179504018075, 0.0003713592491861392),
    ),
    (
        "rule=nesterov&good=0.2&num_steps=40",
        (0.00016, 0.2, 0.56),
        (0.13940401896413027, 0.4759382012734377, 0.0002490435604914658),
    ),
    (
        "schedule=exponential_decay&decay_steps=20&decay_rate=0.7&good=0.4&num_steps=40",
        (0.0047, 0.4, 0.82),
        (0.21204776995274838, 0.4331362265363439, 0.0012959699754654412),
    ),
    (
        "schedule=cosine_decay&decay_steps=30&alpha=0.1&warmup_steps=5&good=0.4&num_steps=40",
        (0.0047, 0.4, 0.82),
        (0.292193540849049, 0.3859140583347449, 0.0035964857003091704),
    ),
    (
        "num_steps=30&good=0.1&phases=num_steps:20,good:0.5;num_steps:10,rule:momentum,good:0.2",
        (0.0047, 0.1, 0.82),
        (0.1080945486052468, 0.4943858277151938, 0.00010227375286611202),
    ),
    (
        "data=old_faithful&scale=standardised&good=0.4&num_steps=30",
        (0.0062, 0.4, 1.1),
        (12.223971537522269, 70.8970588235294, 34.71833472873818),
    ),
    (
        "data=wheat&scale=standardised&scaled=xy&good=0.4&num_steps=30",
        (0.0062, 0.4, 1.1),
        (0.38708578267573557, 2.6836848952404417e-17, 0.8501645968503134),
    ),
    (
        "kept=mine,baseline:1,run:good,seed:3,good:0.05&good=0.3&num_steps=50",
        (0.0047, 0.3, 0.82),
        (0.16810231975207945, 0.45902903931814437, 0.000544665082426366),
    ),
    (
        "lesson=crawl&too_small=0.001&num_steps=200",
        (0.001, 0.51, 0.82),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "lesson=overshoot&too_large=0.7",
        (0.0047, 0.51, 0.7),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "lesson=scale&data=wheat",
        (2e-09, 2.4e-07, 3.9e-07),
        (0.026219541741197703, -1.000001457129926, 213.37662811296946),
    ),
    (
        "lesson=crawl",
        (0.001, 0.51, 0.82),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "lesson=overshoot",
        (0.0047, 0.51, 0.7),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "lesson=scale",
        (2e-09, 2.4e-07, 3.9e-07),
        (0.026219541741197703, -1.000001457129926, 213.37662811296946),
    ),
    (
        "good=0.2&seed=1e999&num_steps=40&rule=magic&noise=-1&phases=seed:1,num_steps:10,good:0.3",
        (0.0047, 0.2, 0.82),
        (0.22210250396563885, 0.4272119421297045, 0.001518658541183276),
    ),
]
FORGED = {
    "good=0.2&seed=1e999&num_steps=40&rule=magic&noise=-1&phases=seed:1,num_steps:10,good:0.3": 4
}
NOTHING = 1e-12  # of a number whose true value is 0, all digits are rounding


def opened(link):
    """Open a link, and wait until its runs are trained."""
    return trained(open_page(**dict(parse_qsl(link.rpartition("?")[2]))))


def copied_link(page) -> str:
    """Return the link that "Take home" offers."""
    page = open_tab(page, "take")
    (part,) = [one for one in page.get("bidi_component") if '"link"' in one.proto.json]
    return json.loads(part.proto.json)["link"]


def assert_shows(page, rates, ends):
    assert tuple(shown_rates(page).values()) == rates
    drawn = shown_runs(page)
    assert drawn.phases[-1].learning_rates == rates
    last = [float(part[1, -1]) for part in (drawn.weight, drawn.bias, drawn.loss)]
    assert last == pytest.approx(ends, rel=1e-9, abs=NOTHING)


@pytest.mark.parametrize(("link", "rates", "ends"), OLD_LINKS)
def test_old_link_and_its_copy_open_to_the_same_numbers(link, rates, ends):
    page = opened(link)
    assert len(page.warning) == FORGED.get(link, 0)
    assert_shows(page, rates, ends)
    if "crawl" in link:  # that lesson hides what copies a link
        return
    copied = copied_link(page)
    held = dict(parse_qsl(urlsplit(copied).query))
    assert tuple(float(held[name]) for name in ("too_small", "good", "too_large")) == rates
    for phase in filter(None, held.get("phases", "").split(";")):
        assert {"too_small", "good", "too_large"} <= {one.split(":")[0] for one in phase.split(",")}
    again = opened(copied)
    assert not again.warning
    assert_shows(again, rates, ends)
    assert copied_link(again) == copied


def test_old_link_brings_its_kept_run():
    page = opened(next(link for link, _, _ in OLD_LINKS if "kept=" in link))
    (one,) = page.session_state["kept_runs"]
    assert (one.name, one.run, one.is_baseline) == ("mine", "good", True)
    assert one.values == {"seed": 3, "good": 0.05}


def test_link_holds_what_the_page_shows_and_is_an_address():
    copied = urlsplit(copied_link(trained(open_page(seed=7, good=0.3, utm="mail"))))
    assert copied.path == "/"
    held = dict(parse_qsl(copied.query))
    assert {"seed": "7", "good": "0.3", "utm": "mail"}.items() <= held.items()


def test_link_opens_on_the_part_that_was_looked_at_before_it_was_copied():
    page = open_tab(trained(open_page(lesson="overshoot")), "map")
    copied = copied_link(page)
    assert opened(copied).session_state["details"] == lessons.TABS["map"]
    page = open_tab(page, "drag")
    assert "open=" not in copied_link(page)  # where the lesson opens by itself


def test_link_opens_with_the_player_at_its_step_and_its_boxes_ticked():
    page = trained(open_page(step=12, show="excess"))
    (player,) = [one for one in page.get("bidi_component") if "has_numbers" in one.proto.json]
    told = json.loads(player.proto.json)
    assert told["steps"].split()[told["first"]] == "12"
    (stage,) = [one for one in page.get("vega_lite_chart") if "log_steps" in one.proto.spec]
    ticked = {one["name"]: one.get("value") for one in json.loads(stage.proto.spec)["params"]}
    assert (ticked["log_steps"], ticked["excess"]) == (False, True)


def test_link_on_own_data_says_what_the_receiver_needs():
    page = upload(open_page(data="file"), b"a <b>,y\n1,2\n2,3\n4,7\n")
    page = trained(open_tab(page, "take"))
    told = " ".join(part.value for part in page.html)
    assert "The link does not hold your data" in told
    assert "a &lt;b&gt;" in told
    receiver = open_page(**dict(parse_qsl(urlsplit(copied_link(page)).query)))
    assert "ask for the data too" in receiver.info[0].value
    assert "mine.csv, with a &lt;b&gt; as x and y as y" in refusals(receiver)[0]


def test_link_holds_no_more_than_names_of_own_data():
    page = upload(open_page(data="file"), b"a,y\n1,2\n2,3\n4,7531\n", "mine.csv")
    copied = copied_link(trained(page))
    assert "mine.csv" in copied
    assert "7531" not in copied
    page.session_state["data"] = "line"
    assert "needs" not in copied_link(trained(page.run()))


def test_copied_link_holds_what_a_reader_has_set_anew_in_a_lesson():
    page = open_page(lesson="scale")
    assert page.session_state["data"] == "wheat"
    page.session_state["data"] = "line"  # which is the default, and stays out of other links
    assert opened(copied_link(trained(page.run()))).session_state["data"] == "line"
