"""The lesson's ending as four phases, and what each of them shows, with its numbers."""

from dataclasses import replace

from linreg.runs.phases import MAX_LOOKS, Phase
from linreg.telling.facts import Facts
from linreg.theory import rates
from linreg.theory.noise import BatchNoise
from linreg.words import number, share

STEPS = 200
PARTS = {"too_small": 0.07, "good": 2 / 3, "too_large": 0.9}  # of the critical rate
BATCH_SIZE = 10
NOTHING = 1e-11  # of the loss: less than this is not told apart
LEAST_SHARE = 0.01  # of those rates
SMALLER = 10  # by what the last phase divides the rates


def phases(noise: BatchNoise) -> list[dict[str, float]]:
    """Return the settings of the four phases.

    The rates suit the data, and all three converge: what they differ in is how far mini-batches
    make them jump. On few points that takes smaller rates, or larger mini-batches.
    """
    critical, num_points = noise.quadratic.critical_learning_rate, noise.num_points
    grid = rates.grid(critical)
    size, share = max(1, min(BATCH_SIZE, num_points // 4)), 1.0
    while True:
        first = {name: rates.nearest(grid, share * part * critical) for name, part in PARTS.items()}
        settles = all(noise.floor(rate, size) is not None for rate in first.values())
        if settles or share < LEAST_SHARE:
            break
        may_grow = 4 * size <= num_points and 4 * size * STEPS <= MAX_LOOKS  # in two phases
        size, share = (2 * size, share) if may_grow else (size, share / 2)
    last = {name: rates.nearest(rates.ALL, rate / SMALLER) for name, rate in first.items()}
    batches, steps = {"batch_size": size}, {"num_steps": STEPS}
    return [steps | first, steps | first, steps | first | batches, steps | last | batches]


def is_guide(gathered: list[Facts], noise: BatchNoise) -> bool:
    """Return whether these runs went through the guide's four phases, and no others."""
    facts = gathered[0]
    if len(facts.phases) != 4 or facts.phases[-1].batch_size is None:
        return False
    return all(
        dict(zip(rates.RUNS, phase.learning_rates, strict=True)).items() <= values.items()
        and replace(phase, learning_rates=(1.0,), batch_size=None) == Phase((1.0,), STEPS)
        and phase.batch_size == values.get("batch_size")
        for phase, values in zip(facts.phases, phases(noise), strict=True)
    )


def stages(gathered: list[Facts]) -> list[tuple[str, str]]:
    """Return a heading and a sentence for each phase, with the gap that every run has left."""

    def left(index: int) -> str:
        shares = (share(facts.measured.left_after[index]) for facts in gathered)
        at = map(number, gathered[0].phases[index].learning_rates)
        parts = [f"{gap} at {rate}" for gap, rate in zip(shares, at, strict=True)]
        return f"{', '.join(parts[:-1])} and {parts[-1]}"

    facts = gathered[1]
    size = facts.phases[2].batch_size
    seen = f"Each step sees {size} of the {facts.num_points:,} points"
    told = [
        (f"Train {STEPS} steps.", f"Of the gap to the minimum there is left {left(0)}."),
        (f"Train on, {STEPS} more.", f"From where each run stopped, at the same rates: {left(1)}."),
    ]
    batches = f"Mini-batches of {size}."
    if facts.foretold.floor is not None and facts.foretold.floor <= NOTHING * facts.measured.loss:
        still = f"{seen}. All of them lie on one line here, so nothing jumps: {left(2)}. Add noise."
        smaller = "A smaller rate.", f"A tenth of each rate: {left(3)}."
        return [*told, (batches, still), smaller]
    jump = "jump around the minimum"
    if facts.measured.left_after[2] <= facts.measured.left_after[1]:
        jump = "will jump around the minimum, once they have come down to it"
    jumps = (
        f"{seen} and pulls towards their own best line, so the runs {jump}: {left(2)}. The larger "
        "the rate, the wider the jumps, and the further they stay away."
    )
    closer = f"The same mini-batches at a tenth of each rate: {left(3)}."
    after = [one.measured.left_after for one in gathered[1:]]
    times = [before / max(end, 1e-300) for _, _, before, end in after]
    if min(times) > 1:
        good, large = (number(float(f"{one:.2g}")) for one in times)
        closer += f" The good run comes {good} times closer, the too large one {large} times."
    return [*told, (batches, jumps), ("A smaller rate gets closer.", closer)]
