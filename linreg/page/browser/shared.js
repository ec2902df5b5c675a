// What the player and the laboratory share.

// A number as everywhere on the page: so many digits, or a power of ten, and a true minus sign.
function told(value, digits) {
  if (!Number.isFinite(value)) return "∞";
  const isPlain = value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6);
  const text = isPlain ? Number(value.toPrecision(digits)) : value.toExponential(digits - 1).replace(/\.?0+e/, "e");
  return String(text).replace("e+", "e").replaceAll("-", "−");
}

// Vega gives a bound parameter an <input> of its name, in a form of the class "vega-bindings", and
// listens to its "input" event. This tells all inputs of a name one value: those that are there,
// and those of a chart that is drawn later, or anew.

function bound() {
  const known = new WeakSet();
  let name, value = null;

  function tell(input) {
    known.add(input);
    if (value === null || Number(input.value) === value) return;
    input.value = value;
    input.dispatchEvent(new Event("input"));
  }

  const inputs = () => document.querySelectorAll(`.vega-bindings input[name="${name}"]`);
  const watcher = new MutationObserver(() => {
    for (const input of document.getElementsByName(name)) if (!known.has(input)) tell(input);
  });
  watcher.observe(document.body, { childList: true, subtree: true });

  return {
    set(parameter, to) {
      [name, value] = [parameter, to];
      inputs().forEach(tell);
    },
    close: () => watcher.disconnect(),
  };
}
