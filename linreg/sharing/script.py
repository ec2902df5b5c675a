"""The runs as a Python script and as a notebook: TensorFlow and NumPy alone, in the lesson's style.

Whoever runs it gets the numbers that the page showed, step by step, from data that the script holds
or makes anew.
"""

import inspect
import json
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields

from linreg.data import Dataset
from linreg.data.scaling import Scaling
from linreg.data.summary import four_points
from linreg.runs.batches import seed_of
from linreg.runs.history import History, printed_every
from linreg.runs.hyperparameters import hyperparameters
from linreg.runs.phases import Phase
from linreg.runs.rules import Plain, Rule
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
    def phases(self) -> tuple[Phase, ...]:
        """What was set, one stretch of steps after the other."""
        return self.history.phases

    @property
    def has_batches(self) -> bool:
        """Whether any phase has mini-batches."""
        return any(phase.batch_size is not None for phase in self.phases)


def script(work: Work) -> str:
    """Return a Python script that trains the runs anew and prints what they come to.

    Raises:
        ValueError: If it would have to list too many points.
    """
    parts = []
    for kind, text in _cells(work):
        parts.append(text if kind == "code" else _commented(text))
    return "\n\n\n".join(parts) + "\n"


def notebook(work: Work) -> str:
    """Return the same as a Jupyter notebook, in its format 4.5.

    Raises:
        ValueError: If it would have to list too many points.
    """
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


def _commented(text: str) -> str:
    lines = text.replace("# ", "", 1).splitlines()
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _cells(work: Work) -> list[tuple[str, str]]:
    """Return what both hold, as Markdown and code."""
    rules = list(dict.fromkeys(type(phase.rule) for phase in work.phases))
    steps = "\n\n\n".join(_step(kind, int(work.history.step[-1]) > EAGER) for kind in rules)
    code = [_imports(), _data(work), lesson_functions(), _variables(rules)]
    if work.has_batches:
        code.append(_BATCHES)
    schedules = dict.fromkeys(type(phase.schedule) for phase in work.phases)
    code += [_quoted(kind.multiple, kind.kind) for kind in schedules if kind is not Constant]
    return [
        ("markdown", _introduction(work)),
        *(("code", text) for text in [*code, steps, _training(work)]),
        ("markdown", _what_was_seen(work)),
    ]


def _introduction(work: Work) -> str:
    rates = [
        f"{title}: {', then '.join(f'{phase.learning_rates[run]!r}' for phase in work.phases)}"
        for run, title in enumerate(work.titles)
    ]
    lines = [
        "# Gradient descent on a line, at several learning rates",
        "",
        "Made by the learning-rate explorer; needs NumPy and TensorFlow.",
        "",
        f"Learning rates: {'; '.join(rates)}.",
    ]
    for number, phase in enumerate(work.phases, 1):
        lines.append(f"Phase {number}: {described(phase)}.")
    return "\n".join(lines)


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


def _imports() -> str:
    return "import numpy as np\nimport tensorflow as tf"


def _data(work: Work) -> str:
    """Return how the points come about: made as the lesson makes them, or listed."""
    scaling = work.scaling
    if work.recipe:
        made = work.recipe
        lines = [
            "# The data: noisy points from a line.",
            f"rng = np.random.default_rng({made['seed']})",
            f"x = rng.uniform(size={made['num_points']})",
            f"y = {made['weight']!r} * x + {made['bias']!r} + {made['noise']!r} * "
            "rng.normal(size=x.size)",
        ]
    else:
        lines = _listed(work)
    if not scaling.is_raw:
        lines += [
            "# Scaled, as on the page.",
            f"x = (x - {scaling.shift_x!r}) / {scaling.unit_x!r}",
            f"y = (y - {scaling.shift_y!r}) / {scaling.unit_y!r}",
        ]
    return "\n".join(lines)


def _listed(work: Work) -> list[str]:
    x, y = work.original.x, work.original.y
    lines = [f"# The data: {x.size:,} points."]
    check(work)
    if x.size > MAX_LISTED and not work.has_batches:
        # The loss knows the points by six sums alone, which these share.
        lines[0] = (
            f"# {x.size:,} points; these four have the same mean squared error, for every line."
        )
        x, y = four_points(x, y)
    for name, values in (("x", x), ("y", y)):
        lines.append(f"{name} = np.array([")
        texts = [f"{value!r}," for value in values.tolist()]
        lines += [f"    {' '.join(texts[k : k + 6])}" for k in range(0, len(texts), 6)]
        lines.append("])")
    return lines


_BATCHES = '''\
def mini_batches(seed, size):
    """Yield mini-batches for ever; each epoch has a new order."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permuted(np.arange(x.size))
        for first in range(0, x.size, size):
            chosen = order[first : first + size]
            yield tf.constant(x[chosen]), tf.constant(y[chosen])'''


def _variables(rules: list[type]) -> str:
    lines = [
        "weight = tf.Variable(0.0, dtype=tf.float64)",
        "bias = tf.Variable(0.0, dtype=tf.float64)",
    ]
    memories = dict.fromkeys(name for kind in rules for name in kind.memories)
    if memories:
        lines.append("# What the update rules remember of each parameter.")
    for memory in memories:
        lines += [
            f"{parameter}_{memory} = tf.Variable(0.0, dtype=tf.float64)"
            for parameter in ("weight", "bias")
        ]
    return "\n".join(lines)


def _step(kind: type[Rule], is_compiled: bool) -> str:
    """Return the function of one step of a rule, as the lesson steps; before it the rule's own."""
    head = "@tf.function(reduce_retracing=True)\n" if is_compiled else ""
    lines = [
        f"{head}def {kind.kind}_step({', '.join(['x, y, rate', *_given(kind)])}):",
        f'    """Take one step: {kind.title.lower()}{_counts(kind)}; return the loss before it."""',
        "    with tf.GradientTape() as tape:",
        "        loss = mean_squared_error(predict(x, weight, bias), y)",
        "    weight_gradient, bias_gradient = tape.gradient(loss, [weight, bias])",
    ]
    if kind is Plain:  # as the lesson has it
        lines += [f"    {one}.assign_sub({one}_gradient * rate)" for one in ("weight", "bias")]
        return "\n".join([*lines, "    return loss"])
    lines.append("    for parameter, gradient, memory in (")
    for one in ("weight", "bias"):
        memories = ", ".join(f"{one}_{memory}" for memory in kind.memories)
        lines.append(f"        ({one}, {one}_gradient, [{memories}]),")
    lines += [
        "    ):",
        f"        change, *after = {kind.kind}_update("
        f"{', '.join(['gradient, rate, made, *memory', *_given(kind)[1:]])})",
        "        parameter.assign_add(change)",
        "        for remembered, value in zip(memory, after):",
        "            remembered.assign(value)",
    ]
    return "\n".join([_quoted(kind.step, f"{kind.kind}_update"), "", "", *lines, "    return loss"])


def _given(kind: type[Rule]) -> list[str]:
    """Return what a step of a rule is given beside points and rate: the lesson's needs nothing."""
    return [] if kind is Plain else ["made", *hyperparameters(kind)]


def _counts(kind: type[Rule]) -> str:
    """Return what a step says of the count of steps that it is given."""
    return "" if kind is Plain else "; `made` counts the steps, this one too"


def _quoted(function: Callable, name: str) -> str:
    """Return the source of a function of ours under a name of its own, without its examples."""
    source = textwrap.dedent(inspect.getsource(function)).removeprefix("@staticmethod\n")
    source = re.sub(r"\n\n    Example:.*?(?=\n    \"\"\")", "", source, flags=re.DOTALL)
    source = re.sub(r'^(    """.*)\n    """$', r'\1"""', source, flags=re.MULTILINE)
    return source.replace(f"def {function.__name__}(", f"def {name}(", 1).rstrip()


def _training(work: Work) -> str:
    """Return the loop over the runs and their phases."""
    history, every = work.history, printed_every(int(work.history.step[-1]))
    lines = ["all_x, all_y = tf.constant(x), tf.constant(y)"]
    lines += ["# A learning rate for each phase.", "runs = {"]
    for run, title in enumerate(work.titles):
        rates = ", ".join(f"{phase.learning_rates[run]!r}" for phase in work.phases)
        lines.append(f"    {json.dumps(title)}: [{rates}],")
    lines += [
        "}",
        "for name, learning_rates in runs.items():",
        "    print(name)",
        f"    weight.assign({float(history.weight[0, 0])!r})",
        f"    bias.assign({float(history.bias[0, 0])!r})",
        "    step = 0",
    ]
    before = None
    for index, phase in enumerate(work.phases):
        lines += ["", f"    # Phase {index + 1}: {described(phase)}."]
        kind = type(phase.rule)
        if kind is not before:
            before = kind
            lines += [
                f"    {parameter}_{memory}.assign(0.0)"
                for memory in kind.memories
                for parameter in ("weight", "bias")
            ]
            lines += ["    made = 0"] * (kind is not Plain)
        lines += _phase_loop(work, index, phase, every)
    lines += [
        "",
        "    loss = mean_squared_error(predict(x, weight, bias), y)",
        '    print(f"Step {step}, Loss: {float(loss):.6g}")',
        '    print(f"weight {float(weight)!r}, bias {float(bias)!r}, loss {float(loss)!r}")',
    ]
    return "\n".join(lines)


def _phase_loop(work: Work, index: int, phase: Phase, every: int) -> list[str]:
    """Return the loop of one phase."""
    lines, points, seen = [], "all_x, all_y", "Loss"
    if phase.batch_size is not None:
        lines.append(
            f"batches = mini_batches({list(seed_of(work.seed, index))}, {phase.batch_size})"
        )
        points, seen = "*next(batches)", "Loss of the mini-batch"
    multiple = ""
    if not phase.is_constant:
        own = ", ".join(["k", *(f"{value!r}" for value in astuple(phase.schedule))])
        multiple = f" * {phase.schedule.kind}({own})"
    rate = f"rate = tf.constant(learning_rates[{index}]{multiple}, tf.float64)"
    counts = type(phase.rule) is not Plain
    given = [points, "rate", *["tf.constant(made, tf.float64)"] * counts]
    given += [f"{value!r}" for value in astuple(phase.rule)]
    lines += [rate] * phase.is_constant
    lines.append(f"for k in range({phase.num_steps}):")
    body = [rate] * (not phase.is_constant) + ["made += 1"] * counts
    body += [
        f"loss = {phase.rule.kind}_step({', '.join(given)})",
        f"if step % {every} == 0:",
        f'    print(f"Step {{step}}, {seen}: {{float(loss):.6g}}")',
        "step += 1",
    ]
    return [f"    {line}" for line in lines + [f"    {line}" for line in body]]


def _what_was_seen(work: Work) -> str:
    """Return what the page showed, to compare with."""
    history = work.history
    lines = ["# What the page showed", ""]
    for run, title in enumerate(work.titles):
        weight, bias, loss = (
            float(column[run, -1]) for column in (history.weight, history.bias, history.loss)
        )
        lines.append(f"- {title}: weight {weight!r}, bias {bias!r}, loss {loss!r}")
    lines += [
        "",
        "Yours agree to 1e-6, relative. Of a number that is 0 in truth only rounding is left, which",
        "may differ: a weight or bias a trillion times smaller than the other, or than the start.",
    ]
    return "\n".join(lines)
