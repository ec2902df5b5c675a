// The player: one frame, and every chart that has a parameter of its name follows it.
//
// Nothing here reaches the server but a click on "Σ".

const PER_SECOND = 20; // frames, at speed 1
const STILL = 20; // frames at a time, one picture a second, for readers who prefer less motion
const LONGEST = 250; // milliseconds that count of a pause between two drawings: a hidden tab has long ones

const players = new WeakMap();
const prefersLess = window.matchMedia("(prefers-reduced-motion: reduce)");
const numbers = (text) => text.split(" ").map(Number);

function create(parent, setTriggerValue) {
  const bar = parent.querySelector(".player");
  const find = (selector) => bar.querySelector(selector);
  const scrub = find(".scrub"), play = find(".play"), back = find(".back"), forth = find(".forth");
  const charts = bound();
  let name, last, steps, losses, frame = null; // what the runs are; where the player stands
  let isPlaying = false, exact = 0, before = 0;

  const clamped = (value) => Math.max(0, Math.min(last, value));

  function show() {
    charts.set(name, frame);
    const text = (step) => step.toLocaleString("en-US");
    const place = `step ${text(steps[frame])} of ${text(steps[last])}`;
    scrub.value = frame;
    scrub.setAttribute("aria-valuetext", place);
    find("output").textContent = place;
    bar.querySelectorAll("dd").forEach((loss, run) => (loss.textContent = told(losses[run][frame], 3)));
    // Not "disabled": a button that has the focus would lose it to the page.
    back.setAttribute("aria-disabled", steps[frame] === steps[0]);
    forth.setAttribute("aria-disabled", steps[frame] === steps[last]);
  }

  function go(to) {
    frame = clamped(to);
    show();
  }

  function set(playing) {
    isPlaying = playing;
    bar.classList.toggle("playing", playing);
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    play.title = playing ? "Pause (space)" : "Play (space)";
    if (!playing) return;
    if (frame === last) go(0);
    exact = frame;
    before = performance.now();
    requestAnimationFrame(move);
  }

  function move(now) {
    if (!isPlaying) return;
    const still = prefersLess.matches;
    const speed = still ? 1 : Number(find("select").value);
    exact = clamped(exact + (Math.min(Math.max(now - before, 0), LONGEST) / 1000) * PER_SECOND * speed);
    before = now;
    const shown = still && exact < last ? Math.floor(exact / STILL) * STILL : Math.floor(exact);
    if (shown !== frame && (shown > frame || !still)) go(shown);
    if (frame === last) set(false);
    else requestAnimationFrame(move);
  }

  // To the next frame that shows another step: a short run shows each step for several frames.
  function step(by) {
    set(false);
    let to = frame;
    while (to !== clamped(to + by) && steps[to] === steps[frame]) to += by;
    go(to);
  }

  back.onclick = () => step(-1);
  forth.onclick = () => step(1);
  play.onclick = () => set(!isPlaying);
  find(".numbers").onclick = () => {
    set(false);
    setTriggerValue("step", steps[frame]);
  };
  scrub.oninput = () => {
    set(false);
    go(Number(scrub.value));
  };
  bar.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { ArrowLeft: () => step(-1), ArrowRight: () => step(1) }[event.key];
    // Any other button is pressed by its own space, a list opened and gone through by its own keys.
    const own = event.target.closest("button:not(.play), select") ? undefined : {
      ArrowDown: () => step(-1),
      ArrowUp: () => step(1),
      " ": () => set(!isPlaying),
    }[event.key];
    const wanted = act ?? own;
    if (!wanted) return;
    event.preventDefault();
    wanted();
  };

  return {
    update(data) {
      ({ name, last } = data);
      steps = numbers(data.steps);
      losses = data.losses.map(numbers);
      scrub.max = last;
      frame = clamped(frame ?? data.first);
      find(".numbers").hidden = !data.has_numbers;
      show();
    },
    close() {
      isPlaying = false;
      charts.close();
      players.delete(parent);
    },
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!players.has(parentElement)) players.set(parentElement, create(parentElement, setTriggerValue));
  const player = players.get(parentElement);
  player.update(data);
  return player.close;
}
