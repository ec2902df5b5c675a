// The laboratory's slider: the chart below follows its place, a logarithm, in the browser alone, and
// the text says what the rate does. Only a click on the button reaches the server.

const CLOSE = 1e-9; // to the critical rate: there it bounces for ever

const bars = new WeakMap();

// With enough digits to tell a factor that is nearly 1 from 1.
function factor(value) {
  if (value > 0.99 && value < 1) return `+${value.toFixed(Math.min(15, 1 + Math.ceil(-Math.log10(1 - value))))}`;
  return (value < 0 ? "" : "+") + told(value, 4);
}

function create(parent, setTriggerValue) {
  const bar = parent.querySelector(".laboratory");
  const find = (selector) => bar.querySelector(selector);
  const slider = find(".share"), charts = bound();
  let known, share = null;

  // In the words of the map; crawls until it arrives in time, overshoots from 1 / λmax.
  function zone(flat, steep) {
    const [crawls, direct, overshoots, bounces, diverges] = known.zones;
    if (Math.abs(steep + 1) < CLOSE) return bounces;
    if (steep < -1) return diverges;
    if (steep < 0) return overshoots;
    const left = (factor) => Math.pow(factor, 2 * known.num_steps);
    const rest = (share) => share * left(flat) + (1 - share) * left(steep);
    const loss = rest(known.flat_loss), way = rest(known.flat_way);
    if (loss <= known.loss_allowed && way <= known.way_allowed) return direct;
    const steps = known.num_steps.toLocaleString("en-US");
    const [share, of] = loss > known.loss_allowed ? [loss, "excess loss"] : [Math.sqrt(way), "way"];
    return `${crawls}: ${told(100 * share, 2)} % of the ${of} is left after ${steps} steps`;
  }

  function rate() {
    return known.critical * Math.pow(10, share);
  }

  function show() {
    charts.set(known.name, share);
    const flat = 1 - rate() * known.flat, steep = 1 - rate() * known.steep, does = zone(flat, steep);
    const text = `η = ${told(rate(), 3)} = ${told(Math.pow(10, share), 3)} × critical`;
    slider.value = share;
    slider.setAttribute("aria-valuetext", `${text}: ${does}`);
    find(".rate").textContent = `${text}:`;
    find(".zone").textContent = does;
    find(".factors").textContent =
      `A step multiplies the steep error by ${factor(steep)}, the flat one by ${factor(flat)}.`;
  }

  slider.oninput = () => {
    share = Number(slider.value);
    show();
  };
  find("button").onclick = () => setTriggerValue("rate", rate());

  return {
    update(data) {
      known = data;
      [slider.min, slider.max] = [data.low, data.high];
      share ??= data.first;
      show();
    },
    close() {
      charts.close();
      bars.delete(parent);
    },
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!bars.has(parentElement)) bars.set(parentElement, create(parentElement, setTriggerValue));
  const bar = bars.get(parentElement);
  bar.update(data);
  return bar.close;
}
