// The bar of rates: a log axis with the zones of this data, and a handle for each run.
//
// A handle is a slider of its own, for the pointer and for the keyboard. The server hears of a rate
// when it is let go; what it then says is where the handles stand, whatever was meant before.

const PAUSE = 250; // milliseconds after the last key that a rate is taken
const CLOSE = 1e-9; // to the critical rate: there it bounces for ever
const STILL = 3; // pixels that a pointer may move in a click

const ratebars = new WeakMap();

// To two digits, as a number field's own step is: the field beside takes more.
const round = (rate) => Number(rate.toPrecision(2));

function create(parent, setTriggerValue) {
  const bar = parent.querySelector(".ratebar");
  const [names, track, ticks] = [".names", ".track", ".ticks"].map((part) => bar.querySelector(part));
  const handles = new Map(); // by name of the run
  let known, dragged = null, typed = null, waiting = null; // which is moved by pointer, by keys
  let grabbed = 0, isMoved = false; // where on the handle the pointer went down

  const place = (rate) => Math.log(rate / known.low) / Math.log(known.high / known.low);
  const rateAt = (share) => known.low * (known.high / known.low) ** Math.min(Math.max(share, 0), 1);
  const percent = (share) => `${100 * Math.min(Math.max(share, 0), 1)}%`;

  function add(within, kind, left, text = "") {
    const made = document.createElement(within === track ? "div" : "span");
    made.className = kind;
    made.style.left = percent(left);
    made.textContent = text;
    within.prepend(made); // under the handles
    return made;
  }

  // What lies under another text, or beyond an end, is left out; the more important come first.
  function fit(within) {
    const taken = [], edge = bar.getBoundingClientRect();
    for (const text of [...within.children].reverse()) {
      text.hidden = false;
      const box = text.getBoundingClientRect();
      const out = Math.max(edge.left - 10 - box.left, 0) - Math.max(box.right - edge.right - 10, 0);
      const [left, right] = [box.left + out, box.right + out];
      text.style.marginLeft = `${out}px`;
      text.hidden = taken.some(([from, to]) => left < to + 6 && right > from - 6);
      if (!text.hidden) taken.push([left, right]);
    }
  }

  function draw() {
    names.replaceChildren();
    ticks.replaceChildren();
    track.querySelectorAll(".band, .critical").forEach((old) => old.remove());
    let low = known.low;
    for (const { name, high } of known.zones) {
      const [from, to] = [place(low), place(Math.min(high, known.high))];
      const band = add(track, `band ${name || "unknown"}`, from);
      band.style.width = percent(to - from);
      if (name) add(names, "", (from + to) / 2, name);
      low = high;
    }
    for (const { rate, text } of known.edges) add(ticks, "edge", place(rate), text);
    if (known.critical) add(track, "critical", place(known.critical));
    for (let decade = Math.ceil(Math.log10(known.low)); 10 ** decade <= known.high; decade++)
      add(ticks, "", place(10 ** decade), told(10 ** decade, 1));
    fit(names);
    fit(ticks);
  }

  function zone(rate) {
    if (known.critical && Math.abs(rate / known.critical - 1) <= CLOSE && known.zones.length > 1) return "bounces";
    return known.zones.find(({ high }) => rate < high)?.name || "";
  }

  function show(name, rate) {
    const handle = handles.get(name), run = known.runs.find((one) => one.name === name);
    const share = place(rate);
    handle.dataset.rate = rate;
    handle.style.left = percent(share);
    handle.classList.toggle("away", share < 0 || share > 1);
    handle.title = `${run.title}: ${told(rate, 4)}`;
    handle.setAttribute("aria-valuenow", rate);
    handle.setAttribute("aria-valuetext", [told(rate, 4), zone(rate)].filter(Boolean).join(", "));
  }

  function take(name) {
    if (typed === name) typed = null;
    const rate = Number(handles.get(name).dataset.rate);
    if (rate !== known.runs.find((run) => run.name === name).rate) setTriggerValue("moved", { name, rate });
  }

  function drag(event) {
    if (!dragged) return;
    const box = track.getBoundingClientRect(), to = event.clientX - grabbed;
    isMoved ||= Math.abs(to - box.left - box.width * place(handles.get(dragged).dataset.rate)) > STILL;
    if (isMoved) show(dragged, round(rateAt((to - box.left) / box.width)));
  }

  function make({ name, title }) {
    const handle = document.createElement("button");
    handle.type = "button";
    handle.className = `handle ${name}`;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", `Learning rate of ${title}`);
    handle.onpointerdown = (event) => {
      if (event.button) return;
      handle.setPointerCapture(event.pointerId);
      handle.classList.add("dragged");
      const box = handle.getBoundingClientRect();
      grabbed = event.clientX - (box.left + box.width / 2);
      [dragged, isMoved] = [name, false];
    };
    handle.onpointermove = drag;
    handle.onpointerup = handle.onpointercancel = () => {
      handle.classList.remove("dragged");
      if (dragged === name) take(name);
      dragged = null;
    };
    handle.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const now = Number(handle.dataset.rate), nudge = 10 ** (Math.floor(Math.log10(now)) - 1);
      const rate = {
        ArrowLeft: now - (now <= 10.5 * nudge ? nudge / 10 : nudge), ArrowRight: now + nudge,
        ArrowDown: now - (now <= 10.5 * nudge ? nudge / 10 : nudge), ArrowUp: now + nudge,
        PageDown: now / 2, PageUp: 2 * now, Home: known.low, End: known.high,
      }[event.key];
      if (rate === undefined) return;
      event.preventDefault();
      show(name, round(Math.min(Math.max(rate, known.low), known.high)));
      clearTimeout(waiting);
      typed = name;
      waiting = setTimeout(take, PAUSE, name);
    };
    handle.onblur = () => {
      if (typed !== name) return;
      clearTimeout(waiting);
      take(name);
    };
    return handle;
  }

  // A click beside the handles moves the nearest one.
  track.onclick = (event) => {
    if (event.target.closest(".handle")) return;
    const box = track.getBoundingClientRect(), share = (event.clientX - box.left) / box.width;
    const away = ({ rate }) => Math.abs(place(rate) - share);
    const { name } = known.runs.reduce((best, run) => (away(run) < away(best) ? run : best));
    show(name, round(rateAt(share)));
    handles.get(name).focus();
    take(name);
  };

  const watcher = new ResizeObserver(() => known && [names, ticks].forEach(fit));
  watcher.observe(bar);

  return {
    update(data) {
      known = data;
      for (const run of data.runs)
        if (!handles.has(run.name)) handles.set(run.name, track.appendChild(make(run)));
      draw();
      for (const { name, rate } of data.runs) {
        const handle = handles.get(name);
        handle.setAttribute("aria-valuemin", data.low);
        handle.setAttribute("aria-valuemax", data.high);
        if (![dragged, typed].includes(name)) show(name, rate);
      }
    },
    close() {
      clearTimeout(waiting);
      watcher.disconnect();
      ratebars.delete(parent);
    },
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!ratebars.has(parentElement)) ratebars.set(parentElement, create(parentElement, setTriggerValue));
  const ratebar = ratebars.get(parentElement);
  ratebar.update(data);
  return ratebar.close;
}
