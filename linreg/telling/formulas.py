"""The update of one step as formulas with numbers in them, for a pocket calculator.

They are read from the rule's own step: one formula for each line of it, in letters and in numbers.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import asdict
from functools import cache

import numpy as np

from linreg.runs.hyperparameters import hyperparameters
from linreg.runs.rules import Rule

DIGITS = 8  # significant ones: a learner types them in
Update = tuple[list[str], float]  # lines, and the value that they come to
# How tightly a part of a formula holds together.
_SUM, _PRODUCT, _POWER, _WHOLE = range(4)
_SIGNS: dict[type[ast.operator], tuple[str, int]] = {  # of a product it is the reader's
    ast.Add: (" + ", _SUM),
    ast.Sub: (" − ", _SUM),
    ast.Mult: ("", _PRODUCT),
    ast.Div: (" / ", _PRODUCT),
}


def told(value: float) -> str:
    """Return a number with as many digits as a pocket calculator takes.

    Example:
        >>> told(-0.5), told(1e-12), told(float("inf"))
        ('−0.5', '1e−12', '∞')
    """
    text = f"{value:.{DIGITS}g}".replace("-", "−")
    return text.replace("e+0", "e").replace("e+", "e").replace("e−0", "e−").replace("inf", "∞")


def line(weight: float, bias: float) -> str:
    """Return the formula of a line.

    Example:
        >>> line(0.0, -1.0)
        '0 · x − 1'
    """
    sign = "−" if bias < 0 else "+"
    return f"{told(weight)} · x {sign} {told(abs(bias))}"


def update(
    letter: str, rule: Rule, value: float, gradients: np.ndarray, rates: np.ndarray
) -> Update:
    """Return a rule's formulas for one parameter, with the numbers of a step in them.

    Args:
        letter: Of the parameter.
        rule: That makes the update.
        value: Before the update.
        gradients: By this parameter, of all steps that the rule remembers, this step's last.
        rates: Of these steps.

    Returns:
        A line for each formula, and the value after the update.

    Example:
        >>> from linreg.runs.rules import Plain
        >>> update("w", Plain(), 1.0, np.array([2.0]), np.array([0.25]))
        (['w ← w − η·g = 1 − 0.25 · (2) = <b>0.5</b>'], 0.5)
    """
    own, kind = asdict(rule), type(rule)
    memory = (0.0,) * len(kind.memories)
    with np.errstate(all="ignore"):
        for made, (gradient, rate) in enumerate(zip(gradients[:-1], rates[:-1], strict=True), 1):
            _, *memory = rule.step(gradient, rate, made, *memory, **own)
        numbers = {"gradient": gradients[-1], "rate": rates[-1], "made": gradients.size}
        numbers |= dict(zip(kind.memories, memory, strict=True)) | own
        letters = {"gradient": "g", "rate": "η", "made": f"{gradients.size}"}
        letters |= kind.memories | kind.letters
        letters |= {name: one.letter for name, one in hyperparameters(kind).items()}
        *assigned, (_, change) = _lines(kind.step)
        told_lines = []
        for name, formula in assigned:
            texts = _part(formula, letters, "·")[0], _in_numbers(formula, numbers)
            numbers[name] = _worth(formula, numbers)
            arrow = "←" if name in kind.memories else "="
            told_lines.append(_line(letters[name], arrow, *texts, numbers[name]))
        after = float(value + _worth(change, numbers))
        added = _added(letter, _part(change, letters, "·")[0])
        added_numbers = _added(told(value), _in_numbers(change, numbers))
    return [*told_lines, _line(letter, "←", added, added_numbers, after)], after


def _line(name: str, arrow: str, formula: str, numbers: str, value: float) -> str:
    return f"{name} {arrow} {formula} = {numbers} = <b>{told(value)}</b>"


def _added(start: str, change: str) -> str:
    """Return a sum whose second part may begin with a sign.

    Example:
        >>> _added("w", "−η·g"), _added("w", "v"), _added("w", "(−0.5)")
        ('w − η·g', 'w + v', 'w + (−0.5)')
    """
    return f"{start} − {change[1:]}" if change.startswith("−") else f"{start} + {change}"


@cache
def _lines(step: Callable) -> list[tuple[str, ast.expr]]:
    """Return what a rule's step works out, line by line, and last what it adds to the parameter."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(step))).body
    assert isinstance(function, ast.FunctionDef)
    lines = []
    for node in function.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=formula):
                lines.append((name, formula))
            case ast.Return(value=ast.Tuple(elts=[change, *_])):
                lines.append(("", change))
            case ast.Expr(value=ast.Constant()):  # its docstring
                pass
            case _:
                raise ValueError(
                    f"A step must be assignments and a return, got {ast.unparse(node)}."
                )
    return lines


def _worth(formula: ast.expr, numbers: dict[str, float]) -> float:
    """Return what a formula comes to."""
    code = compile(ast.fix_missing_locations(ast.Expression(formula)), "<step>", "eval")
    return eval(code, {"__builtins__": {}}, numbers)


def _in_numbers(formula: ast.expr, numbers: dict[str, float]) -> str:
    """Return a formula with its numbers; the gradient, and what is negative, in brackets."""
    texts = {name: told(value) for name, value in numbers.items()}
    signed = [name for name, text in texts.items() if name == "gradient" or text.startswith("−")]
    texts |= {name: f"({texts[name]})" for name in signed}
    return _part(formula, texts, " · ")[0]


def _unsigned(node: ast.expr) -> ast.expr | None:
    """Return a product without the minus that it begins with; None where it begins with none."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return part
        case ast.BinOp(left=left, op=(ast.Mult() | ast.Div()) as op, right=right):
            positive = _unsigned(left)
            return positive and ast.BinOp(positive, op, right)
    return None


def _part(node: ast.expr, names: dict[str, str], times: str) -> tuple[str, int]:
    """Return a part of a formula, and how tightly it holds together."""

    def within(part: ast.expr, least: int) -> str:
        text, holds = _part(part, names, times)
        return text if holds >= least else f"({text})"

    match node:
        case ast.Name(id=name):
            return names[name], _WHOLE
        case ast.Constant(value=int() | float() as value):
            return told(value), _WHOLE
        case _ if (positive := _unsigned(node)) is not None:
            text, holds = _part(positive, names, times)
            return f"−{text if holds >= _PRODUCT else f'({text})'}", _SUM
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            sign, holds = _SIGNS[type(op)]
            return f"{within(left, holds)}{sign or times}{within(right, holds + 1)}", holds
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=0.5)):
            return f"√{within(left, _WHOLE)}", _POWER
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2)):
            return f"{within(left, _WHOLE)}²", _POWER
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return f"{within(left, _WHOLE)}^{within(right, _WHOLE)}", _POWER
    raise ValueError(f"A step must be made of sums, products and powers, got {ast.unparse(node)}.")
