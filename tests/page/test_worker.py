"""The page while nobody has trained its runs: predicted, told why not, and never trained by itself."""

import os
import signal

import pytest

from linreg.training.processes import cluster, worker
from tests.page import TRAINED, captions, card, open_page, run_until, trained
from tests.patience import PATIENCE


@pytest.fixture
def nobody(monkeypatch):
    """Let training go to a cluster that does not answer."""
    monkeypatch.setattr(cluster, "CONNECT_TIMEOUT", 1)
    monkeypatch.setenv(worker.DASK, "tcp://127.0.0.1:9")  # nobody listens there


@pytest.mark.usefixtures("nobody")
def test_cold_worker_shows_nothing_predicted_where_nothing_can_be():
    page = open_page(rule="adam")
    assert not page.exception
    assert "TensorFlow is at work" in captions(page)
    assert len(page.get("vega_lite_chart")) == 0


@pytest.mark.usefixtures("nobody")
def test_prediction_is_called_one_and_cannot_be_downloaded():
    page = open_page()
    assert "Predicted, not trained yet" in captions(page)
    assert TRAINED not in captions(page)
    assert ">predicted</th>" in card(page, "good")
    assert ">measured</th>" not in card(page, "good")
    assert page.get("download_button")[0].proto.disabled


@pytest.mark.usefixtures("nobody")
def test_cluster_that_does_not_answer_is_named_and_the_prediction_stays(monkeypatch):
    page = open_page()
    run_until(page, lambda: "train_again" in {button.key for button in page.button})
    assert "does not answer" in page.warning[0].value
    assert "Predicted, not trained." in captions(page)
    monkeypatch.delenv(worker.DASK)
    page.button(key="train_again").click().run()
    assert TRAINED in captions(trained(page))


def test_runs_on_other_data_are_not_shown_while_nothing_is_predicted(request):
    page = trained(open_page(rule="adam"))
    request.getfixturevalue("nobody")
    page.number_input(key="num_steps").set_value(210).run()
    assert "TensorFlow is at work" in captions(page)
    assert len(page.get("vega_lite_chart")) == 1  # those before, on the same data
    page.selectbox(key="data").set_value("wheat").run()
    assert "TensorFlow is at work" in captions(page)
    assert len(page.get("vega_lite_chart")) == 0


def test_killed_worker_is_replaced_and_the_page_says_what_happened():
    page = trained(open_page())
    os.kill(worker.QUICK.submit(os.getpid).future.result(PATIENCE), signal.SIGKILL)
    page.number_input(key="seed").set_value(77).run()
    run_until(page, lambda: len(page.warning) > 0)
    assert not page.exception
    assert "ended from outside" in page.warning[0].value
    trained(page)
    page.number_input(key="seed").set_value(78).run()
    assert not page.warning
