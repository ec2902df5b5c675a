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
