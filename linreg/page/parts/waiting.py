"""What is said of where runs come from: measured and compared, on their way, or refused."""

import streamlit as st

from linreg.data.files.tables.heading import UnclearNames
from linreg.page.html import markup
from linreg.page.parts.stage import show_stage
from linreg.page.session import made
from linreg.page.session.jobs import show_training, show_trouble
from linreg.telling import facts
from linreg.telling.told import Runs
from linreg.theory import Quadratic
from linreg.theory.forecast import predictable
from linreg.theory.problem import Problem
from linreg.words import number

ROUNDING = " So far apart because this start has no error but rounding, which a large rate grows."


def source_line(quadratic: Quadratic, shown: Runs) -> None:
    """Say where the runs shown come from: measured and compared, or predicted."""
    if shown.is_measured:
        show_trouble("job")
        st.caption(
            f":material/check_circle: **Trained by TensorFlow.** {compared(quadratic, shown)}"
        )
    else:
        show_training(
            "job",
            "**Predicted, not trained yet.** TensorFlow is at work ({wait}); its runs take the "
            "place of these.",
            ":material/hourglass_disabled: **Predicted, not trained.**",
        )


def compared(quadratic: Quadratic, shown: Runs) -> str:
    """Return how far the runs are from what the theory says of them."""
    known = len(predictable(shown.drawn.phases))
    if known == 0:
        expected = "○ is what is expected on average. " * bool(
            shown.verdicts[0].facts.foretold.floor
        )
        return f"No exact prediction exists for these runs. {expected}"
    difference = facts.largest_difference(quadratic, shown.drawn, shown.predicted)
    ends = "" if known == len(shown.drawn.phases) else f", to the end of phase {known}"
    return (
        f"At every recorded step, as long as they are finite{ends}, weight and bias differ from "
        f"the prediction (○) by at most {number(difference)}, relative."
        + (ROUNDING if difference > 1e-6 else "")
    )


def wait(problem: Problem) -> None:
    """Say that the runs are on their way, where nobody can predict them; show older ones."""
    older = made.known("older")
    show_training(
        "job",
        "**TensorFlow is at work** ({wait}). No prediction exists for these runs. "
        + "Until they are trained you see the ones before." * bool(older),
    )
    if older and older[0].key == problem.key and not made.known("job").has_ended:
        show_stage(*older)


def refused(reason: ValueError) -> None:
    """Show why there is nothing to train on; it may quote a stranger's file."""
    is_question = isinstance(reason, UnclearNames)
    title = "One question first" if is_question else "This cannot be trained"
    st.html(markup.refusal(title, str(reason)))
