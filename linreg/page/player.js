// The player: one frame, and every chart that has a parameter of its name follows it.
//
// Vega gives a bound parameter an <input> of its name, in a form of the class "vega-bindings", and
// listens to its "input" event. Nothing here reaches the server but a click on "Σ".

const PER_SECOND = 20; // frames, at speed 1
const STILL = 20; // frames at a time, one picture a second, for readers who prefer less motion
const LONGEST = 250; // milliseconds that count of a pause between two drawings: a hidden tab has long ones

const players = new WeakMap();
const prefersLess = window.matchMedia("(prefers-reduced-motion: reduce)");

function create(parent, setTriggerValue) {
  const bar = parent.querySelector(".player");
  const find = (selector) => bar.querySelector(selector);
  const scrub = find(".scrub"), play = find(".play"), back = find(".back"), forth = find(".forth");
  let name, last, steps, frame = null; // what the runs are; where the player stands
  let isPlaying = false, exact = 0, before = 0;
  let known = new WeakSet(); // inputs that have been told

  const inputs = () => document.querySelectorAll(`.vega-bindings input[name="${name}"]`);
  const clamped = (value) => Math.max(0, Math.min(last, value));

  function tell(input) {
    known.add(input);
    if (Number(input.value) === frame) return;
    input.value = frame;
    input.dispatchEvent(new Event("input"));
  }

  function show() {
    inputs().forEach(tell);
    const text = (step) => step.toLocaleString("en-US");
    const told = `step ${text(steps[frame])} of ${text(steps[last])}`;
    scrub.value = frame;
    scrub.setAttribute("aria-valuetext", told);
    find("output").textContent = told;
    back.disabled = steps[frame] === steps[0];
    forth.disabled = steps[frame] === steps[last];
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
  scrub.onkeydown = (event) => {
    const act = {
      ArrowLeft: () => step(-1),
      ArrowDown: () => step(-1),
      ArrowRight: () => step(1),
      ArrowUp: () => step(1),
      " ": () => set(!isPlaying),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };

  // A chart that is drawn later, or anew, is told where the player stands.
  const watcher = new MutationObserver(() => {
    for (const input of document.getElementsByName(name)) if (!known.has(input)) tell(input);
  });
  watcher.observe(document.body, { childList: true, subtree: true });

  return {
    update(data) {
      ({ name, last } = data);
      steps = data.steps.split(" ").map(Number);
      scrub.max = last;
      frame = clamped(frame ?? last);
      show();
    },
    close() {
      isPlaying = false;
      watcher.disconnect();
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
