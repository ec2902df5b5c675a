"""The runs as a Python script and as a notebook: TensorFlow and NumPy alone, in the lesson's style.

Whoever runs it gets the numbers that the page showed, step by step, from data that the script holds
or makes anew. The lower half of this file is what both say, with gaps.
"""

import inspect
import json
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from jinja2 import Environment, StrictUndefined

from linreg.data import Dataset
from linreg.data.scaling import Scaling
from linreg.data.summary import four_points
from linreg.runs.batches import seed_of
from linreg.runs.history import History, printed_every
from linreg.runs.hyperparameters import hyperparameters
from linreg.runs.phases import Phase
from linreg.runs.schedules import Constant
from linreg.sharing.export import lesson_functions

MAX_LISTED = 2_000  # points that a script lists; more are stood for by four
MAX_SHUFFLED = 20_000  # points that it lists for mini-batches, which need all of them
EAGER = 2_000  # steps; more are compiled


@dataclass(frozen=True, eq=False)
class Work:
    """What was done: all that a script needs to do it again.

    Attributes:
        titles: One for each run.
        original: The points as they came.
        recipe: How the lesson makes them (weight, bias, noise, num_points, seed); None if they
            were not made.
        scaling: What was done to them.
        history: The runs.
        seed: Of the mini-batches.
    """

    titles: Sequence[str]
    original: Dataset
    recipe: dict[str, float] | None
    scaling: Scaling
    history: History
    seed: int

    @property
    def has_batches(self) -> bool:
        """Whether any phase has mini-batches."""
        return any(phase.batch_size is not None for phase in self.history.phases)


def script(work: Work) -> str:
    """Return a Python script that trains the runs anew and prints what they come to; see `check`."""
    parts = (text if kind == "code" else _commented(text) for kind, text in _cells(work))
    return "\n\n\n".join(parts) + "\n"


def notebook(work: Work) -> str:
    """Return the same as a Jupyter notebook, in its format 4.5."""
    cells = []
    for number, (kind, text) in enumerate(_cells(work)):
        cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        cell["source"] = text.splitlines(keepends=True)
        cells.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def check(work: Work) -> None:
    """Raise ValueError if a script would have to list too many points."""
    if work.recipe is None and work.has_batches and work.original.num_points > MAX_SHUFFLED:
        raise ValueError(
            f"`batch_size` must be empty for a script of more than {MAX_SHUFFLED:,} points, got "
            f"{work.original.num_points:,}: mini-batches need each of them. Take fewer rows."
        )


def described(phase: Phase) -> str:
    """Return what a phase is, in a line.

    Example:
        >>> from linreg.runs.rules import Momentum
        >>> described(Phase(0.1, 200, rule=Momentum(0.5), batch_size=10))
        '200 steps, momentum (momentum=0.5), mini-batches of 10'
    """
    parts = [f"{phase.num_steps:,} steps"]
    for one in (phase.rule, phase.schedule):
        if type(one) is not Constant:
            own = ", ".join(f"{part.name}={getattr(one, part.name)!r}" for part in fields(one))
            parts.append(one.title.lower().replace("rms", "RMS") + f" ({own})" * bool(own))
    if phase.batch_size is not None:
        parts.append(f"mini-batches of {phase.batch_size:,}")
    return ", ".join(parts)


def _commented(text: str) -> str:
    lines = text.replace("# ", "", 1).splitlines()
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _cells(work: Work) -> list[tuple[str, str]]:
    """Return what both hold, as Markdown and code."""
    check(work)
    history, phases = work.history, work.history.phases
    rules = list(dict.fromkeys(type(phase.rule) for phase in phases))
    num_steps = int(history.step[-1])
    points = work.original.x, work.original.y
    is_summed = work.original.num_points > MAX_LISTED and not work.has_batches
    if is_summed:  # the loss knows the points by six sums alone, which these four share
        points = four_points(*points)
    rates = np.transpose([phase.learning_rates for phase in phases]).tolist()
    ends = np.transpose([history.weight, history.bias, history.loss])[-1].tolist()
    text = _TEMPLATE.render(
        work=work,
        runs=list(zip(work.titles, rates, ends, strict=True)),
        phases=phases,
        is_summed=is_summed,
        points=zip("xy", map(np.ndarray.tolist, points), strict=True),
        lesson=lesson_functions(),
        rules=rules,
        memories=list(dict.fromkeys(name for kind in rules for name in kind.memories)),
        schedules=dict.fromkeys(type(phase.schedule) for phase in phases),
        is_compiled=num_steps > EAGER,
        every=printed_every(num_steps),
        start=(float(history.weight[0, 0]), float(history.bias[0, 0])),
    )
    _, *parts = re.split(r"\n?%% (.*)\n", text)
    return list(zip(parts[::2], parts[1::2], strict=True))


def _quoted(function: Callable, name: str) -> str:
    """Return the source of a function of ours under a name of its own, without its examples."""
    source = textwrap.dedent(inspect.getsource(function)).removeprefix("@staticmethod\n")
    source = re.sub(r"\n\n    Example:.*?(?=\n    \"\"\")", "", source, flags=re.DOTALL)
    source = re.sub(r'^(    """.*)\n    """$', r'\1"""', source, flags=re.MULTILINE)
    return source.replace(f"def {function.__name__}(", f"def {name}(", 1).rstrip()


# What both say, with a line before each cell; a number prints with all its digits.
_WORDS = Environment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
_WORDS.filters["listed"] = lambda values: "".join(f", {value}" for value in values)
_WORDS.filters |= {"described": described, "quoted": _quoted, "json": json.dumps}
_WORDS.filters |= {"hyperparameters": hyperparameters, "values": astuple, "seed_of": seed_of}
_TEMPLATE = _WORDS.from_string('''\
%% markdown
# Gradient descent on a line, at several learning rates

Made by the learning-rate explorer; needs NumPy and TensorFlow.

Learning rates: {% for title, rates, _ in runs %}
{{ title }}: {{ rates | join(", then ") }}{{ "; " if not loop.last }}{% endfor %}.
{% for phase in phases %}
Phase {{ loop.index }}: {{ phase | described }}.
{% endfor %}
%% code
import numpy as np
import tensorflow as tf
%% code
{% if work.recipe %}
{% set made = work.recipe %}
# The data: noisy points from a line.
rng = np.random.default_rng({{ made.seed }})
x = rng.uniform(size={{ made.num_points }})
y = {{ made.weight }} * x + {{ made.bias }} + {{ made.noise }} * rng.normal(size=x.size)
{% else %}
{% set count = "{:,}".format(work.original.num_points) %}
{% if is_summed %}
# {{ count }} points; these four have the same mean squared error, for every line.
{% else %}
# The data: {{ count }} points.
{% endif %}
{% for name, values in points %}
{{ name }} = np.array([
{% for six in values | batch(6) %}
    {{ six | join(", ") }},
{% endfor %}
])
{% endfor %}
{% endif %}
{% if not work.scaling.is_raw %}
# Scaled, as on the page.
x = (x - {{ work.scaling.shift_x }}) / {{ work.scaling.unit_x }}
y = (y - {{ work.scaling.shift_y }}) / {{ work.scaling.unit_y }}
{% endif %}
%% code
{{ lesson }}
%% code
weight = tf.Variable(0.0, dtype=tf.float64)
bias = tf.Variable(0.0, dtype=tf.float64)
{% if memories %}
# What the update rules remember of each parameter.
{% endif %}
{% for memory in memories %}
weight_{{ memory }} = tf.Variable(0.0, dtype=tf.float64)
bias_{{ memory }} = tf.Variable(0.0, dtype=tf.float64)
{% endfor %}
{% if work.has_batches %}
%% code
def mini_batches(seed, size):
    """Yield mini-batches for ever; each epoch has a new order."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permuted(np.arange(x.size))
        for first in range(0, x.size, size):
            chosen = order[first : first + size]
            yield tf.constant(x[chosen]), tf.constant(y[chosen])
{% endif %}
{% for kind in schedules if kind.kind != "constant" %}
%% code
{{ kind.multiple | quoted(kind.kind) }}
{% endfor %}
%% code
{% for kind in rules %}
{% set own = kind | hyperparameters | listed %}
{% if not loop.first %}


{% endif %}
{% if kind.kind != "plain" %}
{{ kind.step | quoted(kind.kind ~ "_update") }}


{% endif %}
{% if is_compiled %}
@tf.function(reduce_retracing=True)
{% endif %}
def {{ kind.kind }}_step(x, y, rate{{ ", made" ~ own if kind.kind != "plain" }}):
    """Take one step: {{ kind.title | lower }}
    {{- "; `made` counts the steps, this one too" if kind.kind != "plain" -}}
    ; return the loss before it."""
    with tf.GradientTape() as tape:
        loss = mean_squared_error(predict(x, weight, bias), y)
    weight_gradient, bias_gradient = tape.gradient(loss, [weight, bias])
{% if kind.kind == "plain" %}
    weight.assign_sub(weight_gradient * rate)
    bias.assign_sub(bias_gradient * rate)
{% else %}
    for parameter, gradient, memory in (
{% for one in ("weight", "bias") %}
        ({{ one }}, {{ one }}_gradient, [
        {%- for name in kind.memories -%}
        {{ ", " if not loop.first }}{{ one }}_{{ name }}{% endfor %}]),
{% endfor %}
    ):
        change, *after = {{ kind.kind }}_update(gradient, rate, made, *memory{{ own }})
        parameter.assign_add(change)
        for remembered, value in zip(memory, after):
            remembered.assign(value)
{% endif %}
    return loss
{% endfor %}
%% code
all_x, all_y = tf.constant(x), tf.constant(y)
# A learning rate for each phase.
runs = {
{% for title, rates, _ in runs %}
    {{ title | json }}: [{{ rates | join(", ") }}],
{% endfor %}
}
for name, learning_rates in runs.items():
    print(name)
    weight.assign({{ start[0] }})
    bias.assign({{ start[1] }})
    step = 0
{% for phase in phases %}
{% set rule, schedule, index = phase.rule, phase.schedule, loop.index0 %}

    # Phase {{ loop.index }}: {{ phase | described }}.
{% if loop.changed(rule.kind) and rule.kind != "plain" %}
{% for memory in rule.memories %}
    weight_{{ memory }}.assign(0.0)
    bias_{{ memory }}.assign(0.0)
{% endfor %}
    made = 0
{% endif %}
{% set seen = "Loss of the mini-batch" if phase.batch_size else "Loss" %}
{% if phase.batch_size %}
    batches = mini_batches({{ work.seed | seed_of(index) | list }}, {{ phase.batch_size }})
{% endif %}
{% if phase.is_constant %}
    rate = tf.constant(learning_rates[{{ index }}], tf.float64)
    for k in range({{ phase.num_steps }}):
{% else %}
    for k in range({{ phase.num_steps }}):
        rate = tf.constant(learning_rates[{{ index }}] * {{ schedule.kind }}(k
        {{- schedule | values | listed }}), tf.float64)
{% endif %}
{% if rule.kind != "plain" %}
        made += 1
{% endif %}
        loss = {{ rule.kind }}_step(
        {{- "*next(batches)" if phase.batch_size else "all_x, all_y" }}, rate
        {{- ", tf.constant(made, tf.float64)" if rule.kind != "plain" }}
        {{- rule | values | listed }})
        if step % {{ every }} == 0:
            print(f"Step {step}, {{ seen }}: {float(loss):.6g}")
        step += 1
{% endfor %}

    loss = mean_squared_error(predict(x, weight, bias), y)
    print(f"Step {step}, Loss: {float(loss):.6g}")
    print(f"weight {float(weight)!r}, bias {float(bias)!r}, loss {float(loss)!r}")
%% markdown
# What the page showed

{% for title, _, (weight, bias, loss) in runs %}
- {{ title }}: weight {{ weight }}, bias {{ bias }}, loss {{ loss }}
{% endfor %}

Yours agree to 1e-6, relative. Of a number that is 0 in truth only rounding is left, which
may differ: a weight or bias a trillion times smaller than the other, or than the start.
''')
